import { type CacheStore, createMemoryTier } from '@s3proxy/cache-store'
import { behind, createGate, startObjectOrigin } from '@s3proxy/testkit'
import { describe, expect, it, onTestFinished } from 'vitest'
import { type ScenarioProxy, startProxy, until } from '../harness.ts'

/** A memory tier of which one method fails. */
function brokenCache(method: keyof CacheStore, how: 'throws' | 'rejects'): CacheStore {
  const fail = (): never => {
    if (how === 'throws') throw new Error('broken')
    return Promise.reject(new Error('broken')) as never
  }
  return { ...createMemoryTier({ maxBytes: 1 << 20 }), [method]: fail }
}

/** A memory tier whose writers fail in one method. */
function brokenWriters(method: 'write' | 'commit' | 'abort', how: 'throws' | 'rejects'): CacheStore {
  const memory = createMemoryTier({ maxBytes: 1 << 20 })
  const fail = (): never => {
    if (how === 'throws') throw new Error('broken')
    return Promise.reject(new Error('broken')) as never
  }
  return {
    ...memory,
    begin(representation, range) {
      const start = memory.begin(representation, range)
      return start.kind === 'refused' ? start : { kind: 'writer', writer: { ...start.writer, [method]: fail } }
    },
  }
}

async function body(proxy: ScenarioProxy, target: string, headers: readonly string[] = []): Promise<string> {
  const got = await proxy.settled('GET', target, headers)
  return `${got.status} ${got.end.kind} ${got.status < 300 ? got.body.toString() : ''}`
}

/** Everything a client does, with the answers of S3. */
async function live(store: CacheStore, mode: 's3' | 'network'): Promise<void> {
  const origin = await startObjectOrigin()
  onTestFinished(() => origin.close())
  origin.objects.put('b', 'k', 'aaaabbbb')
  origin.objects.put('b', 'empty', '')
  const proxy = await startProxy({ origin, mode, store })
  expect((await proxy.settled('HEAD', '/b/k')).status).toBe(200)
  expect(await body(proxy, '/b/k', ['Range', 'bytes=0-3'])).toBe('206 complete aaaa')
  expect(await body(proxy, '/b/k')).toBe('200 complete aaaabbbb')
  expect(await body(proxy, '/b/k')).toBe('200 complete aaaabbbb')
  expect(await body(proxy, '/b/empty')).toBe('200 complete ')
  expect((await proxy.settled('PUT', '/b/k', ['Content-Length', '1'], Buffer.from('x'))).status).toBe(200)
  expect(await body(proxy, '/b/k')).toBe('200 complete x')
  expect((await proxy.settled('DELETE', '/b/k')).status).toBe(204)
  expect(await body(proxy, '/b/k')).toBe('404 complete ')
}

describe.each(['s3', 'network'] as const)('in %s mode a client sees nothing of a cache', (mode) => {
  it.each(['lookup', 'read', 'begin', 'save', 'refresh', 'remove'] as const)('that throws in %s', (method) =>
    live(brokenCache(method, 'throws'), mode),
  )
  it.each(['lookup', 'read', 'save', 'remove'] as const)('that rejects in %s', (method) =>
    live(brokenCache(method, 'rejects'), mode),
  )
  it.each(['write', 'commit', 'abort'] as const)('that throws in %s of a fill', (method) =>
    live(brokenWriters(method, 'throws'), mode),
  )
  it.each(['write', 'commit'] as const)('that rejects in %s of a fill', (method) =>
    live(brokenWriters(method, 'rejects'), mode),
  )
})

it('does not bring back what could not be removed when an earlier removal succeeds late', async () => {
  const memory = createMemoryTier({ maxBytes: 1 << 20 })
  const late = Promise.withResolvers<void>()
  let removals = 0
  const store: CacheStore = {
    ...memory,
    async remove(key) {
      if (++removals > 1) throw new Error('broken')
      await memory.remove(key)
      await late.promise
    },
  }
  await using origin = await startObjectOrigin()
  origin.objects.put('b', 'k', 'old')
  const proxy = await startProxy({ origin, store })
  const gate = createGate()
  const upload = proxy.request('PUT', '/b/k', ['Content-Length', '3'], Buffer.from('new'))
  await until(() => removals === 1)
  // Stored after that removal, which has not been reported yet.
  await proxy.request('GET', '/b/k')
  expect((await proxy.request('DELETE', '/b/k')).status).toBe(204)
  origin.script(behind(gate, origin.objects.handler))
  const sent = origin.received(3)
  late.resolve()
  await sent
  expect((await proxy.request('GET', '/b/k')).status).toBe(404)
  gate.open()
  expect((await upload).status).toBe(200)
  expect((await proxy.request('GET', '/b/k')).body.toString()).toBe('new')
})
