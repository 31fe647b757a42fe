import { createMemoryTier, createTieredStore, openDiskTier, type Representation } from '@s3proxy/cache-store'
import { createHub, createWorkerPeers, type FromHub, type Seat } from '@s3proxy/coordinator'
import type { ByteRange, ByteSource } from '@s3proxy/protocol'
import {
  answer,
  connectHttp,
  createGate,
  createManualClock,
  createTempDir,
  type FakeOrigin,
  type ManualClock,
  pauseMidBody,
  startFakeOrigin,
} from '@s3proxy/testkit'
import { describe, expect, it, onTestFinished } from 'vitest'
import { gist, host, type ScenarioProxy, startProxy } from './harness.ts'

// Two workers of one proxy, in this process: each with its own memory and fills, one directory, one hub.

const length = (body: Buffer) => ['Content-Length', String(body.length)]
const object = (etag: string, body: string) =>
  answer({ headers: ['ETag', `"${etag}"`, 'Last-Modified', 'Thu, 01 Jan 2026 00:00:00 GMT'], body })

interface Pair {
  readonly store: FakeOrigin
  readonly a: ScenarioProxy
  readonly b: ScenarioProxy
  readonly clock: ManualClock
}

type Policy = NonNullable<Parameters<typeof startProxy>[0]['policy']>

async function startPair(policyOfA: Policy = {}, policyOfB = policyOfA): Promise<Pair> {
  const store = await startFakeOrigin()
  onTestFinished(() => store.close())
  const dir = await createTempDir()
  onTestFinished(() => dir.remove())
  const clock = createManualClock()
  const timers = { setTimeout: () => undefined, clearTimeout: () => undefined }
  const hub = createHub({ timers, onStuck: () => undefined })
  const offers = new Map<string, (range: ByteRange) => ByteSource | undefined>()
  const worker = async (id: string, policy: Policy): Promise<ScenarioProxy> => {
    const opening = await openDiskTier({
      bootedAt: () => 0,
      directory: dir.path,
      maxBytes: 64 << 20,
      now: clock.now,
      indexMaxAgeMs: Number.POSITIVE_INFINITY,
    })
    if (opening.kind === 'refused') throw new Error(opening.message)
    const seats: Seat[] = []
    const peers = createWorkerPeers<Representation>({ id, timers, send: (message) => seats[0]?.receive(message) })
    // As through a pipe: in order, and never in the turn in which it was sent.
    seats.push(hub.join(id, (message: FromHub) => setImmediate(() => peers.receive(message))))
    const streams = {
      place: id,
      offer(flight: string, join: (range: ByteRange) => ByteSource | undefined) {
        offers.set(flight, join)
        return () => void offers.delete(flight)
      },
      async open(_place: string, flight: string, range: ByteRange) {
        const source = offers.get(flight)?.(range)
        if (source === undefined) throw new Error('no such fill')
        return source
      },
    }
    return startProxy({
      origin: store,
      clock,
      policy,
      peers,
      sharing: { leases: peers.leases, streams },
      store: createTieredStore({
        memory: createMemoryTier({ maxBytes: 16 << 20 }),
        disk: opening.store,
        trustMs: () => Number.POSITIVE_INFINITY,
      }),
    })
  }
  return { store, clock, a: await worker('a', policyOfA), b: await worker('b', policyOfB) }
}

describe('two workers', () => {
  it('serve nothing from memory that a write through the other has replaced', async () => {
    const { store, a, b } = await startPair()
    store.script(object('1', 'old'))
    await a.settled('GET', '/b/k')
    expect(gist(await b.settled('GET', '/b/k'))).toEqual([200, 'HIT', 'old'])
    store.script(answer({ headers: ['ETag', '"2"'] }), object('2', 'new'))
    await a.request('PUT', '/b/k', length(Buffer.from('new')), Buffer.from('new'))
    expect(gist(await b.request('GET', '/b/k'))).toEqual([200, 'MISS', 'new'])
    await b.gateway.idle()
    expect(gist(await a.request('GET', '/b/k'))).toEqual([200, 'HIT', 'new'])
  })

  it('store nothing that the other began to fetch before a write', async () => {
    const { store, a, b } = await startPair()
    const gate = createGate()
    const before = {
      headers: ['ETag', '"1"', 'Last-Modified', 'Thu, 01 Jan 2026 00:00:00 GMT'],
      body: 'x'.repeat(200_000),
    }
    store.script(pauseMidBody(before, 1000, gate))
    const reading = b.request('GET', '/b/k')
    await store.received(1)
    store.script(answer({ headers: ['ETag', '"2"'] }), object('2', 'new'))
    await a.request('PUT', '/b/k', length(Buffer.from('new')), Buffer.from('new'))
    gate.open()
    expect((await reading).body.length).toBe(200_000)
    await b.gateway.idle()
    expect(gist(await b.settled('GET', '/b/k'))).toEqual([200, 'MISS', 'new'])
    expect(gist(await a.settled('GET', '/b/k'))).toEqual([200, 'HIT', 'new'])
  })

  it('do not join what the other began to fetch before a write', async () => {
    const { store, a, b } = await startPair()
    const gate = createGate()
    const before = {
      headers: ['ETag', '"1"', 'Last-Modified', 'Thu, 01 Jan 2026 00:00:00 GMT'],
      body: 'x'.repeat(200_000),
    }
    store.script(pauseMidBody(before, 1000, gate))
    const reading = b.request('GET', '/b/k')
    await store.received(1)
    // It has joined, as a follower: this one may have what was current when it asked.
    const following = a.request('GET', '/b/k', ['Range', 'bytes=0-499'])
    expect((await following).body.length).toBe(500)
    store.script(answer({ headers: ['ETag', '"2"'] }), object('2', 'new'))
    await b.request('PUT', '/b/k', length(Buffer.from('new')), Buffer.from('new'))
    expect(gist(await a.request('GET', '/b/k'))).toEqual([200, 'MISS', 'new'])
    gate.open()
    await reading
    expect(store.requests.length).toBe(3)
  })

  it('follow each other: what one receives the other sends on, before it is there whole', async () => {
    const { store, a, b } = await startPair()
    const gate = createGate()
    const large = {
      headers: ['ETag', '"1"', 'Last-Modified', 'Thu, 01 Jan 2026 00:00:00 GMT'],
      body: 'x'.repeat(3 << 20),
    }
    store.script(pauseMidBody(large, 2 << 20, gate))
    const leading = a.request('GET', '/b/k')
    await store.received(1)
    expect((await b.request('GET', '/b/k', ['Range', 'bytes=1000000-1999999'])).body.length).toBe(1_000_000)
    const following = b.request('GET', '/b/k')
    gate.open()
    expect([(await leading).body.length, (await following).body.length]).toEqual([3 << 20, 3 << 20])
    expect(store.requests.length).toBe(1)
  })

  it('break the answer of who follows when the store breaks that of who leads', async () => {
    const { store, a, b } = await startPair()
    const large = { headers: ['ETag', '"1"'], body: 'x'.repeat(300_000) }
    store.script(pauseMidBody(large, 100_000, createGate()))
    const leading = a.request('GET', '/b/k')
    await store.received(1)
    await using client = await connectHttp({ port: b.port })
    const begun = Promise.withResolvers<void>()
    const request = { method: 'GET', target: '/b/k', headers: ['Host', host] }
    const following = client.request(request, { onBody: () => begun.resolve() })
    await begun.promise
    store.dropConnections()
    expect([(await leading).end.kind, (await following).end.kind]).not.toContain('complete')
    expect(store.requests.length).toBe(1)
  })

  it('remember no key as missing that a write through the other has made', async () => {
    const { store, a, b } = await startPair({ negativeTtlMs: 60_000 })
    const missing = answer({ status: 404, body: '<Error><Code>NoSuchKey</Code></Error>' })
    store.script(missing)
    await b.settled('GET', '/b/k')
    expect(gist(await b.settled('GET', '/b/k')).slice(0, 2)).toEqual([404, 'HIT'])
    store.script(answer({ headers: ['ETag', '"2"'] }), object('2', 'new'))
    await a.request('PUT', '/b/k', length(Buffer.from('new')), Buffer.from('new'))
    expect(gist(await b.request('GET', '/b/k'))).toEqual([200, 'MISS', 'new'])
  })

  it('ask again about a whole bucket that a write through the other concerned', async () => {
    const { store, a, b, clock } = await startPair()
    store.script(object('1', 'old'))
    await b.settled('GET', '/b/k')
    clock.advance(1)
    store.script(answer({}))
    await a.settled('DELETE', '/b')
    store.script(object('2', 'new'))
    expect(gist(await b.request('GET', '/b/k'))[2]).toBe('new')
  })

  it('serve no older version again once the other has seen a newer one', async () => {
    const { store, a, b, clock } = await startPair({ getTtlMs: 1000 }, { getTtlMs: 60_000 })
    store.script(object('1', 'old'))
    await a.settled('GET', '/b/k')
    expect(gist(await b.settled('GET', '/b/k'))[2]).toBe('old')
    clock.advance(2000)
    store.script(object('2', 'new'))
    expect(gist(await a.request('GET', '/b/k'))[2]).toBe('new')
    store.script(object('2', 'new'))
    expect(gist(await b.request('GET', '/b/k'))[2]).toBe('new')
  })
})
