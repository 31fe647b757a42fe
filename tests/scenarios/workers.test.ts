import { createMemoryTier, createTieredStore, openDiskTier, type Representation } from '@s3proxy/cache-store'
import { createHub, createWorkerPeers, type FromHub, type Seat } from '@s3proxy/coordinator'
import { type ByteRange, type ByteSource, headerValue } from '@s3proxy/protocol'
import {
  answer,
  connectHttp,
  createGate,
  createManualClock,
  createTempDir,
  type FakeOrigin,
  type ManualClock,
  type OriginHandler,
  pauseMidBody,
  startFakeOrigin,
} from '@s3proxy/testkit'
import { describe, expect, it, onTestFinished } from 'vitest'
import { gist, host, type ScenarioProxy, startProxy } from './harness.ts'

// Two workers of one proxy, in this process: each with its own memory and fills, one directory, one hub.

const length = (body: Buffer) => ['Content-Length', String(body.length)]
const object = (etag: string, body: string) =>
  answer({ headers: ['ETag', `"${etag}"`, 'Last-Modified', 'Thu, 01 Jan 2026 00:00:00 GMT'], body })

/** Answers a GET with the bytes that its Range wants, of an object that has not changed. */
function answerRange(headers: readonly string[], body: string): OriginHandler {
  return (exchange) => {
    const [, first, last] = /^bytes=(\d+)-(\d+)$/.exec(headerValue(exchange.request.headers, 'range') ?? '') ?? []
    const range = `bytes ${first}-${last}/${body.length}`
    const part = body.slice(Number(first), Number(last) + 1)
    return answer({ status: 206, headers: [...headers, 'Content-Range', range], body: part })(exchange)
  }
}

interface Pair {
  readonly store: FakeOrigin
  readonly a: ScenarioProxy
  readonly b: ScenarioProxy
  readonly clock: ManualClock
  /** Breaks every stream from one worker to the other, as if the one that sends had been killed. */
  kill(id: 'a' | 'b'): void
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
  const deaths = new Map(['a', 'b'].map((id) => [id, Promise.withResolvers<never>()]))
  for (const { promise } of deaths.values()) promise.catch(() => undefined)
  const killed = new Set<string>()
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
      async open(from: string, flight: string, range: ByteRange) {
        const source = killed.has(from) ? undefined : offers.get(flight)?.(range)
        const death = deaths.get(from)
        if (source === undefined || death === undefined) throw new Error('no such fill')
        return {
          next: () => Promise.race([source.next(), death.promise]),
          cancel: () => source.cancel(),
        }
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
  const kill = (id: string): void => {
    killed.add(id)
    deaths.get(id)?.reject(new Error('killed'))
  }
  return { store, clock, kill, a: await worker('a', policyOfA), b: await worker('b', policyOfB) }
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

  describe('when the fill that one follows breaks', () => {
    const body = Array.from({ length: 300_000 }, (_, i) => String.fromCharCode(97 + (i % 23))).join('')
    const headers = ['ETag', '"1"', 'Last-Modified', 'Thu, 01 Jan 2026 00:00:00 GMT']
    /** The rest, to whoever asks for it as it has to be asked for. */
    const theRest = answerRange(headers, body)

    interface Got {
      readonly end: string
      readonly text: string
    }

    /** A request whose answer has begun. */
    async function begin(proxy: ScenarioProxy, requestHeaders: readonly string[] = []) {
      const client = await connectHttp({ port: proxy.port })
      onTestFinished(() => client.destroy())
      const begun = Promise.withResolvers<void>()
      let text = ''
      const onBody = (bytes: Uint8Array): void => {
        text += Buffer.from(bytes).toString('latin1')
        begun.resolve()
      }
      const request = { method: 'GET', target: '/b/k', headers: ['Host', host, ...requestHeaders] }
      const answered = client.request(request, { onBody }).then(({ end }): Got => ({ end: end.kind, text }))
      await begun.promise
      return { answered }
    }

    /** Workers, `a` in the midst of a fill, and answers of `b` that have begun. */
    async function following(answers: number) {
      const pair = await startPair()
      const leading = pauseMidBody({ headers, body }, 100_000, createGate())
      pair.store.script(leading)
      const first = pair.a.request('GET', '/b/k')
      await pair.store.received(1)
      const begun: Promise<Got>[] = []
      for (let i = 0; i < answers; i++) begun.push((await begin(pair.b)).answered)
      return { ...pair, first, answers: begun }
    }

    it('fetch the rest once, whether its process has died or its store has broken it off', async () => {
      for (const how of ['killed', 'broken'] as const) {
        const { store, kill, first, answers, b } = await following(3)
        store.script(theRest, theRest)
        if (how === 'killed') kill('a')
        else store.dropConnections()
        for (const answered of answers) {
          const { end, text } = await answered
          expect([end, text === body]).toEqual(['complete', true])
        }
        expect(store.requests.length).toBe(2)
        const sent = (name: string) => headerValue(store.requests[1]?.headers ?? [], name)
        expect([sent('if-match'), sent('range')?.endsWith('-299999')]).toEqual(['"1"', true])
        store.dropConnections()
        await first
        await b.gateway.idle()
      }
    })

    it('send a signed range as it is, and use what is missing of its answer', async () => {
      const signed = [
        'Authorization',
        'AWS4-HMAC-SHA256 Credential=AKIA/20260101/us-east-1/s3/aws4_request, SignedHeaders=host;range, Signature=00',
        'Range',
        'bytes=0-299999',
      ]
      const pair = await startPair()
      const partial = { status: 206, headers: [...headers, 'Content-Range', 'bytes 0-299999/300000'], body }
      pair.store.script(pauseMidBody(partial, 100_000, createGate()))
      const first = pair.a.request('GET', '/b/k', signed)
      await pair.store.received(1)
      const { answered } = await begin(pair.b, signed)
      pair.store.script(answer(partial))
      pair.kill('a')
      const { end, text } = await answered
      expect([end, text === body]).toEqual(['complete', true])
      pair.store.dropConnections()
      await first
    })

    it('complete no bytes of which the checksum has shown that they are wrong', async () => {
      const pair = await startPair()
      const gate = createGate()
      const sum = ['x-amz-checksum-crc32', 'AAAAAA==', 'x-amz-checksum-type', 'FULL_OBJECT']
      pair.store.script(pauseMidBody({ headers: [...headers, ...sum], body }, 100_000, gate))
      const first = pair.a.request('GET', '/b/k')
      await pair.store.received(1)
      const { answered } = await begin(pair.b)
      pair.store.script(theRest)
      gate.open()
      expect((await answered).end).not.toBe('complete')
      expect(pair.store.requests.length).toBe(1)
      await first
    })

    it('break where the store has another object by now', async () => {
      const { store, kill, first, answers } = await following(1)
      store.script(answer({ status: 412, body: '<Error><Code>PreconditionFailed</Code></Error>' }))
      kill('a')
      expect((await answers[0])?.end).not.toBe('complete')
      store.dropConnections()
      await first
    })
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
