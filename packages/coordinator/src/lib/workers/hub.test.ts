import { createManualClock } from '@s3proxy/testkit'
import { describe, expect, it } from 'vitest'
import type { Forget, Invalidation } from '../peers.ts'
import { createHub, type Hub, type HubTimers, type Seat } from './hub.ts'
import type { FromHub, ToHub } from './messages.ts'
import { createWorkerPeers, type WorkerPeers } from './worker-peers.ts'

interface Worker {
  announce(invalidation: Invalidation): Promise<void>
  readonly peers: WorkerPeers
  readonly seat: Seat
  /** Keys that it may not look up now. */
  readonly shielded: Set<string>
  readonly forgot: Invalidation[]
  /** Ends the disk work of the oldest open round. */
  settle(clean?: boolean): Promise<void>
  /** Messages wait in the pipe until it is open. */
  pause(): void
  resume(): void
  readonly isolated: () => boolean
}

const timers = createManualClock() as unknown as HubTimers

function addWorker(hub: Hub, id: string, { slowDisk = false } = {}): Worker {
  const shielded = new Set<string>()
  const forgot: Invalidation[] = []
  const disks: ((clean: boolean) => void)[] = []
  let isolated = false
  let paused: FromHub[] | undefined
  const seat: Seat[] = []
  const peers = createWorkerPeers({ id, timers, send: (message: ToHub) => seat[0]?.receive(message) })
  const forget: Forget = (invalidation) => {
    forgot.push(invalidation)
    for (const key of invalidation.keys) shielded.add(key)
    const { promise, resolve } = Promise.withResolvers<boolean>()
    if (slowDisk) disks.push(resolve)
    else resolve(true)
    return {
      settled: promise,
      end(clean) {
        if (clean) for (const key of invalidation.keys) shielded.delete(key)
      },
    }
  }
  peers.listen({
    forget,
    isolate() {
      isolated = true
    },
  })
  const receive = (message: FromHub): void => {
    if (paused === undefined) peers.receive(message)
    else paused.push(message)
  }
  seat.push(hub.join(id, receive))
  return {
    announce: (invalidation) => peers.announce(invalidation, forget),
    peers,
    seat: seat[0] as Seat,
    shielded,
    forgot,
    async settle(clean = true) {
      disks.shift()?.(clean)
      await turns()
    },
    pause() {
      paused = []
    },
    resume() {
      const messages = paused ?? []
      paused = undefined
      for (const message of messages) peers.receive(message)
    },
    isolated: () => isolated,
  }
}

async function turns(): Promise<void> {
  for (let i = 0; i < 10; i++) await Promise.resolve()
}

function state(promise: Promise<unknown>): () => boolean {
  let done = false
  void promise.then(() => {
    done = true
  })
  return () => done
}

const photo: Invalidation = { keys: ['b/photo'], buckets: [] }

function setUp() {
  const clock = createManualClock()
  const stuck: string[] = []
  const hub = createHub({ timers: clock, onStuck: (worker) => stuck.push(worker) })
  return { clock, stuck, hub }
}

describe('createHub', () => {
  it('lets an announcer go on when every other worker has forgotten, and ends the round then', async () => {
    const { hub } = setUp()
    const [a, b, c] = ['a', 'b', 'c'].map((id) => addWorker(hub, id)) as [Worker, Worker, Worker]
    c.pause()
    const done = state(a.announce(photo))
    await turns()
    expect([b.forgot, done()]).toEqual([[photo], false])
    expect([...a.shielded, ...b.shielded]).toEqual(['b/photo', 'b/photo'])
    c.resume()
    await turns()
    expect([c.forgot, done()]).toEqual([[photo], true])
    expect([a, b, c].map(({ shielded }) => shielded.size)).toEqual([0, 0, 0])
  })

  it('does not make an announcer wait for the disk of another, but keeps the keys shielded', async () => {
    const { hub } = setUp()
    const a = addWorker(hub, 'a')
    const b = addWorker(hub, 'b', { slowDisk: true })
    const done = state(a.announce(photo))
    await turns()
    expect([done(), a.shielded.size, b.shielded.size]).toEqual([true, 1, 1])
    await b.settle()
    expect([a.shielded.size, b.shielded.size]).toEqual([0, 0])
  })

  it('keeps keys shielded of which a worker cannot say that they are off the disk, for newcomers too', async () => {
    const { hub } = setUp()
    const a = addWorker(hub, 'a')
    const b = addWorker(hub, 'b', { slowDisk: true })
    const { announce } = a
    void announce(photo)
    await turns()
    await b.settle(false)
    const late = addWorker(hub, 'late')
    expect([a, b, late].map(({ shielded }) => [...shielded])).toEqual([['b/photo'], ['b/photo'], ['b/photo']])
    void announce(photo)
    await turns()
    await b.settle()
    expect([a, b, late].map(({ shielded }) => shielded.size)).toEqual([0, 0, 0])
  })

  it('has the others go through a round again in which a worker died', async () => {
    const { hub } = setUp()
    const a = addWorker(hub, 'a')
    const b = addWorker(hub, 'b', { slowDisk: true })
    const done = state(a.announce(photo))
    await turns()
    b.seat.leave()
    await turns()
    expect([done(), a.forgot, a.shielded.size]).toEqual([true, [photo, photo], 0])
  })

  it('reports a worker that stays silent, and waits until it is gone', async () => {
    const { hub, clock, stuck } = setUp()
    const a = addWorker(hub, 'a')
    const b = addWorker(hub, 'b')
    b.pause()
    const done = state(a.announce(photo))
    clock.advance(4999)
    expect(stuck).toEqual([])
    clock.advance(1)
    await turns()
    expect([stuck, done()]).toEqual([['b'], false])
    b.seat.leave()
    await turns()
    expect([done(), a.shielded.size]).toEqual([true, 0])
  })

  it('tells a newcomer of rounds that are not over and of buckets that were written to as a whole', async () => {
    const { hub } = setUp()
    const a = addWorker(hub, 'a', { slowDisk: true })
    const { announce } = a
    void announce({ keys: [], buckets: ['b'] })
    await a.settle()
    void announce(photo)
    await turns()
    const late = addWorker(hub, 'late')
    expect(late.forgot).toEqual([{ keys: [], buckets: ['b'] }, photo])
    expect(late.shielded.size).toBe(1)
    await a.settle()
    expect(late.shielded.size).toBe(0)
  })
})

describe('createWorkerPeers', () => {
  it('lets whoever waits go on and isolates the worker when the hub is gone', async () => {
    const { hub } = setUp()
    const a = addWorker(hub, 'a')
    const b = addWorker(hub, 'b')
    b.pause()
    const done = state(a.announce(photo))
    await turns()
    expect(done()).toBe(false)
    a.peers.disconnected()
    await turns()
    expect([done(), a.isolated(), a.shielded.size]).toEqual([true, true, 1])
  })
})
