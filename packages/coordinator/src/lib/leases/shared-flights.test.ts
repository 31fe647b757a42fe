import { type ByteRange, type ByteSource, bufferSource } from '@s3proxy/protocol'
import { createManualClock } from '@s3proxy/testkit'
import { describe, expect, it } from 'vitest'
import { createBroadcast } from '../broadcast.ts'
import type { Claim, Flights } from '../flights.ts'
import { createGenerations, type Generations } from '../generations.ts'
import type { Forget } from '../peers.ts'
import { createHub, type HubTimers, type Seat } from '../workers/hub.ts'
import type { FromHub, ToHub } from '../workers/messages.ts'
import { createWorkerPeers } from '../workers/worker-peers.ts'
import { createSharedFlights } from './shared-flights.ts'

interface Representation {
  readonly key: string
  readonly etag: string
}

interface Worker {
  readonly flights: Flights<Representation>
  readonly generations: Generations
  /** Keys whose memory of the disk was given up. */
  readonly rechecked: string[]
  /** The last one it made. */
  claim?: Claim<Representation>
  write(key: string): Promise<void>
  leave(): void
  disconnect(): void
}

const text = Buffer.from('abcdefghijklmnopqrstuvwxyz')
const whole: ByteRange = { start: 0, end: 26 }
const anywhere: ByteRange = { start: 0, end: Number.POSITIVE_INFINITY }

/** Workers at one hub. Bytes get from one to the other within this process. */
function setUp({ isSilent = false } = {}) {
  const clock = createManualClock()
  const timers = clock as unknown as HubTimers
  const hub = createHub({ timers, onStuck: () => undefined })
  const offers = new Map<string, (range: ByteRange) => ByteSource | undefined>()
  let opened = 0
  let silences = 0
  const add = (id: string, deliver = (take: () => void): void => take()): Worker => {
    const seats: Seat[] = []
    const send = (message: ToHub): void => {
      if (!isSilent) seats[0]?.receive(message)
    }
    const peers = createWorkerPeers<Representation>({ id, timers, send, onSilence: () => silences++ })
    const generations = createGenerations()
    const rechecked: string[] = []
    const forget: Forget = ({ keys }) => {
      for (const key of keys) generations.bumpKey(key)
      return { settled: Promise.resolve(true), end: () => undefined }
    }
    peers.listen({ forget, isolate: () => undefined })
    seats.push(hub.join(id, (message: FromHub) => deliver(() => peers.receive(message))))
    const flights = createSharedFlights<Representation>({
      leases: peers.leases,
      generations,
      onStored: (key) => rechecked.push(key),
      streams: {
        place: id,
        offer(flight, join) {
          offers.set(flight, join)
          return () => void offers.delete(flight)
        },
        async open(_place, flight, range) {
          opened++
          const source = offers.get(flight)?.(range)
          if (source === undefined) throw new Error('leader lost')
          return source
        },
      },
    })
    return {
      flights,
      generations,
      rechecked,
      write: (key) => peers.announce({ keys: [key], buckets: [] }, forget),
      leave: () => seats[0]?.leave(),
      disconnect: () => peers.disconnected(),
    }
  }
  return { clock, add, offers, opened: () => opened, silences: () => silences }
}

/** A body that gives what it is told to give. */
function scripted() {
  const given: (Uint8Array | null | Error)[] = []
  let wake = (): void => undefined
  const next = async (): Promise<Uint8Array | null> => {
    while (given.length === 0) {
      await new Promise<void>((resolve) => {
        wake = resolve
      })
    }
    const first = given.shift()
    if (first instanceof Error) throw first
    return first ?? null
  }
  return {
    source: { next, cancel: () => undefined },
    give(...more: (Uint8Array | null | Error)[]) {
      given.push(...more)
      wake()
    },
  }
}

/** What `worker` does when it is its turn: a fill of `key`, under its last claim or another. */
function lead(
  worker: Worker,
  source: ByteSource,
  under: Pick<Claim<Representation>, 'expect'> | undefined = worker.claim,
) {
  const key = 'b/k'
  const generation = worker.generations.observe('b', key)
  const kept: Uint8Array[] = []
  const broadcast = createBroadcast({
    source,
    range: whole,
    spill: {
      write: (chunk) => void kept.push(chunk),
      read: ({ start, end }) => bufferSource(Buffer.concat(kept).subarray(start, end)),
    },
    windowBytes: 4,
    lengthError: () => new Error('length'),
    onEnd: () => undefined,
  })
  const isCurrent = (): boolean => worker.generations.isCurrent(generation)
  under?.expect(key, whole).lead({ representation: { key, etag: '"1"' }, broadcast, askedAt: 5, isCurrent })
  return { broadcast, reader: broadcast.join(whole) }
}

function claim(worker: Worker, range: ByteRange = anywhere, { key = 'b/k', heard = worker.flights.heard } = {}) {
  const made = worker.flights.claim({ bucket: 'b', key, ranges: [range], heard })
  if (made === undefined) throw new Error('shared flights have claims')
  worker.claim = made
  let turn: string | undefined
  void made.turn.then((result) => {
    turn = result
  })
  return { ...made, turnNow: () => turn }
}

async function turns(): Promise<void> {
  for (let i = 0; i < 30; i++) await Promise.resolve()
}

async function readAll(source: ByteSource): Promise<string> {
  const chunks: Uint8Array[] = []
  for (let chunk = await source.next(); chunk !== null; chunk = await source.next()) chunks.push(chunk)
  return Buffer.concat(chunks).toString()
}

async function joinOf(worker: Worker, range: ByteRange): Promise<ByteSource> {
  const [flight] = worker.flights.of('b/k')
  const joined = await flight?.broadcast.join(range)
  if (joined === undefined) throw new Error('nothing to join')
  return joined
}

describe('createSharedFlights', () => {
  it('lets the second wait for the first and stream what it receives, once for all its readers', async () => {
    const { add, opened } = setUp()
    const [a, b] = [add('a'), add('b')]
    const first = claim(a)
    await turns()
    const second = claim(b)
    await turns()
    expect([first.turnNow(), second.turnNow()]).toEqual(['lead', undefined])
    const body = scripted()
    lead(a, body.source)
    await turns()
    expect(second.turnNow()).toBe('look-again')
    second.release()
    expect(b.flights.of('b/k').map(({ representation, askedAt }) => [representation.etag, askedAt])).toEqual([
      ['"1"', 5],
    ])
    body.give(text.subarray(0, 10))
    const readers = await Promise.all([joinOf(b, whole), joinOf(b, whole), joinOf(b, { start: 5, end: 20 })])
    const read = Promise.all(readers.map(readAll))
    await turns()
    body.give(text.subarray(10), null)
    expect(await read).toEqual([text.toString(), text.toString(), text.toString().slice(5, 20)])
    expect(opened()).toBe(1)
  })

  it('shows no fill that a write has outdated while the news of it was on its way', async () => {
    const { add } = setUp()
    const pipe: (() => void)[] = []
    const [a, c] = [add('a'), add('c', (take) => void pipe.push(take))]
    claim(a)
    await turns()
    lead(a, scripted().source)
    await turns()
    const late = claim(c)
    await turns()
    const written = c.write('b/k')
    for (let take = pipe.shift(); take !== undefined; take = pipe.shift()) {
      take()
      await turns()
    }
    await written
    expect(late.turnNow()).toBe('look-again')
    expect(c.flights.of('b/k')).toEqual([])
  })

  it('withdraws the offer of a fill whose lease a write has ended', async () => {
    const { add, offers } = setUp()
    const [a] = [add('a'), add('b')]
    claim(a)
    await turns()
    await a.write('b/k')
    const body = scripted()
    const { reader } = lead(a, body.source)
    await turns()
    body.give(text, null)
    await readAll((await reader) as ByteSource)
    await turns()
    expect(offers.size).toBe(0)
  })

  it('breaks those who follow when the body breaks', async () => {
    const { add } = setUp()
    const [a, b] = [add('a'), add('b')]
    claim(a)
    const body = scripted()
    lead(a, body.source)
    const second = claim(b)
    await turns()
    expect(second.turnNow()).toBe('look-again')
    const reader = await joinOf(b, whole)
    body.give(text.subarray(0, 10), new Error('reset'))
    await expect(readAll(reader)).rejects.toThrow('reset')
  })

  it('gives ranges that do not overlap to different workers at the same time', async () => {
    const { add } = setUp()
    const [a, b] = [add('a'), add('b')]
    const [low, high] = [claim(a, { start: 0, end: 8 }), claim(b, { start: 8, end: 16 })]
    await turns()
    expect([low.turnNow(), high.turnNow()]).toEqual(['lead', 'lead'])
  })

  it('lets all who waited lead at once when an answer was no fill', async () => {
    const { add } = setUp()
    const [a, b, c] = [add('a'), add('b'), add('c')]
    const first = claim(a)
    const others = [claim(b), claim(c)]
    await turns()
    first.release()
    await turns()
    expect(others.map(({ turnNow }) => turnNow())).toEqual(['lead', 'lead'])
  })

  it('lets another lead when the leader has died', async () => {
    const { add } = setUp()
    const [a, b] = [add('a'), add('b')]
    claim(a)
    const second = claim(b)
    await turns()
    a.leave()
    await turns()
    expect(second.turnNow()).toBe('lead')
  })

  it('offers nothing that was asked for before a write, by whoever it came', async () => {
    const { add } = setUp()
    const [a, b] = [add('a'), add('b')]
    claim(a)
    const body = scripted()
    lead(a, body.source)
    const knowing = claim(b)
    await turns()
    knowing.release()
    expect(b.flights.of('b/k')).toHaveLength(1)
    await b.write('b/k')
    expect([a.flights.of('b/k'), b.flights.of('b/k')]).toEqual([[], []])
    const after = claim(b)
    await turns()
    expect(after.turnNow()).toBe('lead')
  })

  it('offers nothing of a leader whose answer came after a write that came after its question', async () => {
    const { add } = setUp()
    const [a, b] = [add('a'), add('b')]
    claim(a)
    await turns()
    const generation = a.generations.observe('b', 'b/k')
    await b.write('b/k')
    lead(a, scripted().source)
    expect(a.generations.isCurrent(generation)).toBe(false)
    const after = claim(b)
    await turns()
    expect(after.turnNow()).toBe('lead')
  })

  it('has a worker look at the disk again, once, after another has stored something', async () => {
    const { add } = setUp()
    const [a, b] = [add('a'), add('b')]
    const first = claim(a)
    const { reader } = lead(a, bufferSource(text))
    if (reader === undefined) throw new Error('the first joins')
    await readAll(reader)
    await turns()
    first.release()
    const second = claim(b)
    await turns()
    expect([second.turnNow(), b.rechecked]).toEqual(['look-again', ['b/k']])
    second.release()
    const third = claim(b)
    await turns()
    expect([third.turnNow(), b.rechecked]).toEqual(['lead', ['b/k']])
  })

  it('has everyone look again who looked before it did', async () => {
    const { add } = setUp()
    const [a, b] = [add('a'), add('b')]
    const looked = b.flights.heard
    const first = claim(a)
    await readAll((await lead(a, bufferSource(text)).reader) as ByteSource)
    await turns()
    first.release()
    const both = [claim(b, { start: 0, end: 8 }, { heard: looked }), claim(b, { start: 8, end: 16 }, { heard: looked })]
    await turns()
    expect(both.map(({ turnNow }) => turnNow())).toEqual(['look-again', 'look-again'])
    for (const each of both) each.release()
    const late = claim(b, { start: 16, end: 26 }, { heard: looked })
    await turns()
    expect([late.turnNow(), b.rechecked]).toEqual(['look-again', ['b/k']])
    late.release()
    const after = claim(b)
    await turns()
    expect(after.turnNow()).toBe('lead')
  })

  it('hears of a fill and of its end, in this order, if both are read in one turn', async () => {
    const { add, offers } = setUp()
    let pipe: (() => void)[] | undefined = []
    const [a, b] = [add('a'), add('b', (take) => (pipe === undefined ? take() : void pipe.push(take)))]
    claim(a)
    const body = scripted()
    const { reader } = lead(a, body.source)
    const following = claim(b)
    body.give(text, null)
    await readAll((await reader) as ByteSource)
    await turns()
    for (const take of pipe) take()
    pipe = undefined
    await turns()
    expect([following.turnNow(), b.rechecked, b.flights.of('b/k')]).toEqual(['look-again', ['b/k'], []])
    expect(offers.size).toBe(0)
  })

  it('shares a fill under the lease it was asked under, whatever has become of others', async () => {
    const { add } = setUp()
    let pipe: (() => void)[] | undefined
    const a = add('a', (take) => (pipe === undefined ? take() : void pipe.push(take)))
    const b = add('b')
    const low: ByteRange = { start: 0, end: 8 }
    const high: ByteRange = { start: 8, end: 26 }
    claim(b, low)
    const following = claim(a, low)
    const leading = claim(a, high)
    await turns()
    // It is told to follow, and does not know yet.
    pipe = []
    lead(b, scripted().source)
    lead(a, scripted().source, leading)
    const late = claim(b, high)
    await turns()
    expect([following.turnNow(), leading.turnNow(), late.turnNow()]).toEqual([undefined, 'lead', 'look-again'])
  })

  it('shares no fill of one who went on without a word of the hub: a write may have come before the claim', async () => {
    const { add, clock } = setUp()
    const [a, b] = [add('a', () => undefined), add('b')]
    const first = claim(a)
    clock.advance(1000)
    clock.advance(1)
    await turns()
    lead(a, scripted().source)
    const second = claim(b)
    await turns()
    expect([first.turnNow(), second.turnNow()]).toEqual(['lead', undefined])
  })

  it('shares no fill that was asked under none: a write may have come since', async () => {
    const { add } = setUp()
    const [a, b] = [add('a'), add('b')]
    claim(a)
    await turns()
    lead(a, scripted().source, a.flights)
    const second = claim(b)
    await turns()
    expect([second.turnNow(), b.flights.of('b/k')]).toEqual([undefined, []])
  })

  it('takes no landing of its own for one of another', async () => {
    const { add } = setUp()
    let pipe: (() => void)[] | undefined
    const a = add('a', (take) => (pipe === undefined ? take() : void pipe.push(take)))
    const [b, c] = [add('b'), add('c')]
    const land = async (worker: Worker, range: ByteRange): Promise<void> => {
      const made = claim(worker, range)
      await turns()
      await readAll((await lead(worker, bufferSource(text)).reader) as ByteSource)
      await turns()
      made.release()
    }
    await land(b, whole)
    const looked = claim(a)
    await turns()
    looked.release()
    const own = claim(a, { start: 0, end: 8 })
    const between = claim(c, { start: 8, end: 16 })
    await land(b, { start: 16, end: 26 })
    const waiting = claim(a, { start: 8, end: 16 })
    const body = scripted()
    const { reader } = lead(a, body.source, own)
    await turns()
    expect([own.turnNow(), waiting.turnNow()]).toEqual(['lead', undefined])
    pipe = []
    between.release()
    body.give(text, null)
    await readAll((await reader) as ByteSource)
    await turns()
    for (const take of pipe) take()
    await turns()
    expect(waiting.turnNow()).toBe('look-again')
  })

  it('keeps a fill that has landed until the slowest reader elsewhere has left', async () => {
    const { add, offers } = setUp()
    const [a, b] = [add('a'), add('b')]
    claim(a)
    const body = scripted()
    const { broadcast } = lead(a, body.source)
    claim(b)
    await turns()
    const [slow, quick] = [await joinOf(b, whole), await joinOf(b, whole)]
    body.give(...[...text].map((byte) => Buffer.from([byte])), null)
    await readAll(quick)
    await broadcast.settled
    await turns()
    expect([b.flights.of('b/k'), offers.size]).toEqual([[], 1])
    expect(await readAll(slow)).toBe(text.toString())
    await turns()
    expect(offers.size).toBe(0)
  })

  it('goes on alone when the hub does not answer, or is gone', async () => {
    const { add, clock, silences } = setUp({ isSilent: true })
    const a = add('a')
    const first = claim(a)
    await turns()
    expect(first.turnNow()).toBe(undefined)
    clock.advance(1000)
    await turns()
    expect(first.turnNow()).toBe(undefined)
    // What has come meanwhile would have been read by now.
    clock.advance(1)
    await turns()
    expect([first.turnNow(), silences()]).toEqual(['lead', 1])
    const second = claim(a, anywhere, { key: 'b/other' })
    a.disconnect()
    await turns()
    expect([second.turnNow(), silences()]).toEqual(['lead', 1])
  })
})
