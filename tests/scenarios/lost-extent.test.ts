import { type CacheStore, createMemoryTier, type Held } from '@s3proxy/cache-store'
import { headerValue, ProxyError } from '@s3proxy/protocol'
import { answer, behind, createGate, startFakeOrigin } from '@s3proxy/testkit'
import { expect, it, onTestFinished } from 'vitest'
import { startProxy } from './harness.ts'

it('asks for checksums again when those that S3 has confirmed are gone by the time the bytes are read', async () => {
  const origin = await startFakeOrigin()
  onTestFinished(() => origin.close())
  const sum = 'NhCmhg=='
  const whole = answer({ headers: ['ETag', '"e"', 'x-amz-checksum-crc32', sum], body: 'hello' })
  const unchanged = answer({ status: 304, headers: ['ETag', '"e"'] })
  origin.handle((exchange) =>
    headerValue(exchange.request.headers, 'if-none-match') === undefined ? whole(exchange) : unchanged(exchange),
  )
  const memory = createMemoryTier({ maxBytes: 1 << 20 })
  let isLost = false
  const store: CacheStore = {
    ...memory,
    whole: () => undefined,
    async read(held, extent, range) {
      if (!isLost) return memory.read(held, extent, range)
      isLost = false
      const headers = held.representation.headers.filter(
        (_, at, all) => !/checksum/i.test(all[at - (at % 2)] as string),
      )
      await memory.save({ ...held.representation, checksums: false, headers }, held.validatedAt + 1, () => true)
      throw new ProxyError('StoreFailed', { source: 'store', reason: 'gone' })
    },
  }
  const proxy = await startProxy({ origin, store, mode: 's3' })
  const ask = ['x-amz-checksum-mode', 'ENABLED']
  await proxy.settled('GET', '/b/k', ask)
  isLost = true
  const second = await proxy.settled('GET', '/b/k', ask)
  expect(isLost).toBe(false)
  expect([second.body.toString(), headerValue(second.headers, 'x-amz-checksum-crc32')]).toEqual(['hello', sum])
})

it('fetches once again for all who find that what S3 has confirmed to them is gone', async () => {
  const origin = await startFakeOrigin()
  onTestFinished(() => origin.close())
  const gate = createGate()
  const whole = answer({ headers: ['ETag', '"e"'], body: 'hello' })
  const unchanged = behind(gate, answer({ status: 304, headers: ['ETag', '"e"'] }))
  let fetches = 0
  origin.handle((exchange) => {
    if (headerValue(exchange.request.headers, 'if-none-match') !== undefined) return unchanged(exchange)
    fetches++
    return whole(exchange)
  })
  const memory = createMemoryTier({ maxBytes: 1 << 20 })
  const found = new Set<Held>()
  let gone: ReadonlySet<Held> = new Set()
  const store: CacheStore = {
    ...memory,
    lookup(key) {
      const looked = memory.lookup(key)
      if (looked.kind === 'held') found.add(looked.held)
      return looked
    },
    whole: () => undefined,
    read(held, extent, range) {
      if (gone.has(held)) throw new ProxyError('StoreFailed', { source: 'store', reason: 'gone' })
      return memory.read(held, extent, range)
    },
  }
  const proxy = await startProxy({ origin, store, mode: 's3' })
  await proxy.settled('GET', '/b/k')
  const readers = Array.from({ length: 5 }, () => proxy.request('GET', '/b/k'))
  await gate.reached(5)
  gone = new Set(found)
  for (const { representation } of found) await memory.remove(representation.key)
  gate.open()
  for (const { body } of await Promise.all(readers)) expect(body.toString()).toBe('hello')
  expect(fetches).toBe(2)
})
