import { createMemoryTier, createNoopStore } from '@s3proxy/cache-store'
import { createBroadcast } from '@s3proxy/coordinator'
import { headerValue } from '@s3proxy/protocol'
import {
  answer,
  behind,
  connectHttp,
  createGate,
  type FakeOrigin,
  type HttpConnection,
  patternContent,
  pauseMidBody,
  startFakeOrigin,
  startObjectOrigin,
} from '@s3proxy/testkit'
import { describe, expect, it, onTestFinished } from 'vitest'
import { host, type ScenarioProxy, startProxy, until } from '../harness.ts'

const get = `GET /b/k HTTP/1.1\r\nHost: ${host}\r\n\r\n`
const object = { headers: ['ETag', '"e"', 'Last-Modified', 'Thu, 01 Jan 2026 00:00:00 GMT'], body: 'hello' }

async function fakeOrigin(): Promise<FakeOrigin> {
  const store = await startFakeOrigin()
  onTestFinished(() => store.close())
  return store
}

async function opened(proxy: ScenarioProxy): Promise<HttpConnection> {
  const connection = await connectHttp({ port: proxy.port })
  onTestFinished(() => connection.destroy())
  await connection.send(get)
  return connection
}

describe('readers that wait for another', () => {
  it('may leave, and the one they waited for goes on', async () => {
    const store = await fakeOrigin()
    const gate = createGate()
    store.script(behind(gate, answer(object)))
    const proxy = await startProxy({ origin: store })
    const leader = proxy.request('GET', '/b/k')
    await store.received(1)
    const followers = await Promise.all(Array.from({ length: 50 }, () => opened(proxy)))
    await until(() => proxy.gateway.inFlight === 51)
    for (const follower of followers) follower.destroy()
    await until(() => proxy.gateway.inFlight === 1)
    gate.open()
    expect((await leader).body.toString()).toBe('hello')
    await proxy.gateway.idle()
    expect(store.requests.length).toBe(1)
  })

  it('make one of them the next, not all, when it leaves', async () => {
    const store = await fakeOrigin()
    const gate = createGate()
    onTestFinished(() => gate.open())
    store.script(behind(gate, answer(object)))
    store.handle(answer(object))
    const proxy = await startProxy({ origin: store })
    const leader = await opened(proxy)
    await store.received(1)
    const followers = Array.from({ length: 20 }, () => proxy.request('GET', '/b/k'))
    await until(() => proxy.gateway.inFlight === 21)
    leader.destroy()
    const bodies = (await Promise.all(followers)).map((each) => each.body.toString())
    expect(bodies).toEqual(Array.from({ length: 20 }, () => 'hello'))
    expect(store.requests.length).toBe(2)
  })

  it('are refused one by one in s3 mode, while the others go on', async () => {
    const store = await fakeOrigin()
    const gate = createGate()
    const large = { ...object, body: 'x'.repeat(200_000) }
    store.script(pauseMidBody(large, 1000, gate), answer({ status: 403, body: '<Error/>' }))
    const proxy = await startProxy({ origin: store, mode: 's3' })
    const leader = proxy.request('GET', '/b/k')
    await until(() => proxy.store.usage().memoryBytes > 0)
    const refused = await proxy.request('GET', '/b/k')
    expect([refused.status, refused.body.toString()]).toEqual([403, '<Error/>'])
    gate.open()
    expect((await leader).body.length).toBe(200_000)
  })

  it('do not stand still with one that stopped reading, whatever the cache keeps', async () => {
    for (const cache of [createNoopStore(), createMemoryTier({ maxBytes: 1 << 20 })]) {
      await using store = await startObjectOrigin()
      store.objects.put('b', 'k', patternContent(30_000_000))
      const proxy = await startProxy({ origin: store, store: cache })
      await opened(proxy)
      await store.received(1)
      expect((await proxy.request('GET', '/b/k')).body.length).toBe(30_000_000)
    }
  })
})

describe('a fill', () => {
  it('that lasts long does not keep its object fresh', async () => {
    const store = await fakeOrigin()
    const gate = createGate()
    const old = { ...object, body: 'x'.repeat(100_000) }
    store.script(pauseMidBody(old, 10, gate), answer({ headers: ['ETag', '"2"'], body: 'new' }))
    const proxy = await startProxy({ origin: store, policy: { getTtlMs: 1000 } })
    const first = proxy.request('GET', '/b/k')
    await until(() => proxy.store.usage().memoryBytes > 0)
    proxy.clock.advance(5000)
    const second = await proxy.request('GET', '/b/k')
    expect([second.body.toString(), headerValue(second.headers, 'x-cache')]).toEqual(['new', 'MISS'])
    gate.open()
    expect((await first).body.length).toBe(100_000)
  })

  it('cannot be joined any more once it is given up', async () => {
    let isCancelled = false
    const broadcast = createBroadcast({
      source: {
        next: () => new Promise(() => undefined),
        cancel: () => {
          isCancelled = true
        },
      },
      range: { start: 0, end: 10 << 20 },
      spill: undefined,
      lengthError: () => new Error('length'),
      onEnd: () => undefined,
    })
    const only = broadcast.join(broadcast.range)
    await until(() => only !== undefined)
    only?.cancel()
    for (let turns = 0; turns < 10; turns++) {
      const late = broadcast.join({ start: 0, end: 10 })
      expect(late === undefined).toBe(isCancelled)
      late?.cancel()
      await Promise.resolve()
    }
    expect(isCancelled).toBe(true)
  })
})
