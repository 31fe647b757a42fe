import { type CacheStore, createMemoryTier } from '@s3proxy/cache-store'
import { headerValue } from '@s3proxy/protocol'
import { startObjectOrigin } from '@s3proxy/testkit'
import { describe, expect, it, onTestFinished } from 'vitest'
import { gist, startProxy } from './harness.ts'

const unreadableDelete = ['POST', '/b?delete', ['Content-Length', '8'], Buffer.from('<Delete>')] as const

async function setUp(policy: object) {
  const origin = await startObjectOrigin()
  onTestFinished(() => origin.close())
  origin.objects.put('b', 'k', 'old')
  const memory = createMemoryTier({ maxBytes: 64 << 20 })
  let gate: Promise<void> | undefined
  let asked = Promise.withResolvers<void>()
  const store: CacheStore = {
    ...memory,
    lookup(key) {
      if (gate === undefined) return memory.lookup(key)
      asked.resolve()
      return gate.then(() => memory.lookup(key))
    },
  }
  const proxy = await startProxy({ origin, store, policy })
  /** Reads while the cache takes so long to say what it has. */
  const slow = async (ms: number) => {
    const opened = Promise.withResolvers<void>()
    gate = opened.promise
    asked = Promise.withResolvers()
    const answer = proxy.settled('GET', '/b/k')
    await asked.promise
    proxy.clock.advance(ms)
    gate = undefined
    opened.resolve()
    return answer
  }
  return { origin, proxy, slow }
}

describe('what is held', () => {
  it('tells its age as it is when the cache has answered', async () => {
    const { proxy, slow } = await setUp({ getTtlMs: 1e9 })
    await proxy.settled('GET', '/b/k')
    const a = await slow(20_000)
    expect([gist(a)[1], headerValue(a.headers, 'age')]).toEqual(['HIT', '20'])
  })
  it('is not fresh any more if its time was over before the cache answered', async () => {
    const { proxy, slow } = await setUp({ getTtlMs: 1000 })
    await proxy.settled('GET', '/b/k')
    expect(gist(await slow(5000))[1]).toBe('REVALIDATED')
  })
  it('is not older than a write although the clock has been set back since it was confirmed', async () => {
    const { origin, proxy, slow } = await setUp({ getTtlMs: 1000 })
    await proxy.settled('GET', '/b/k')
    proxy.clock.advance(2000)
    expect(gist(await slow(5000))[1]).toBe('REVALIDATED')
    const at = proxy.clock.now()
    proxy.clock.set(at - 1500)
    await proxy.settled(...unreadableDelete)
    origin.objects.put('b', 'k', 'new')
    expect(gist(await proxy.settled('GET', '/b/k'))[2]).toBe('new')
  })
  it('is not older than a write although the clock has been set back since it was fetched', async () => {
    const { origin, proxy } = await setUp({ getTtlMs: 1e9 })
    await proxy.settled('GET', '/b/k')
    proxy.clock.set(proxy.clock.now() - 1500)
    await proxy.settled(...unreadableDelete)
    origin.objects.put('b', 'k', 'new')
    expect(gist(await proxy.settled('GET', '/b/k'))[2]).toBe('new')
  })
})
