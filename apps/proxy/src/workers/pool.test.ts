import { createManualClock, type ManualTimer } from '@s3proxy/testkit'
import { expect, onTestFinished, test } from 'vitest'
import { loadConfig } from '../config/load-config.ts'
import type { ToWorker } from './messages.ts'
import { createPool } from './pool.ts'
import type { SpawnWorker, WorkerEvents } from './worker-process.ts'

/** A worker that does at once what it is told, unless told otherwise. */
interface FakeWorker {
  readonly id: string
  /** The RAM that it was given. */
  readonly memoryBytes: number
  readonly sockets: Set<number>
  readonly log: string[]
  isAlive: boolean
  /** It runs and does nothing any more. */
  hangs: boolean
  readonly events: WorkerEvents
  die(how?: string): void
}

function setUp({ workers = 2, failing = () => false }: { workers?: number; failing?: (n: number) => boolean } = {}) {
  const clock = createManualClock()
  const spawned: FakeWorker[] = []
  const crashes: number[] = []
  const spawn: SpawnWorker = (events) => {
    const sockets = new Set<number>()
    const log: string[] = []
    const fails = failing(spawned.length)
    const worker: FakeWorker = {
      id: '',
      memoryBytes: 0,
      sockets,
      log,
      isAlive: true,
      hangs: false,
      events,
      die(how = 'SIGKILL') {
        if (!worker.isAlive) return
        worker.isAlive = false
        sockets.clear()
        events.exit(how)
      },
    }
    spawned.push(worker)
    const act = (message: ToWorker): void => {
      switch (message.kind) {
        case 'start':
          Object.assign(worker, { id: message.worker, memoryBytes: message.config.cache.memoryBytes })
          events.message(fails ? { kind: 'failed', message: 'no' } : { kind: 'composed' })
          if (fails) worker.die('exit code 1')
          return
        case 'listen':
          sockets.add(message.socket)
          events.message({ kind: 'listening', socket: message.socket })
          return
        case 'unlisten':
          sockets.delete(message.socket)
          return
        case 'collect':
          events.message({ kind: 'collected', request: message.request, numbers: [] })
          return
        case 'stop':
          log.push(`stopped while ${spawned.filter((other) => other.sockets.size > 0).length} serve`)
          events.message({ kind: 'stopped', numbers: [] })
          worker.die('exit code 0')
          return
        default:
          log.push(message.kind)
      }
    }
    return {
      pid: spawned.length,
      send(message) {
        queueMicrotask(() => {
          if (worker.isAlive && !worker.hangs) act(message)
        })
      },
      kill: () => queueMicrotask(() => worker.die()),
    }
  }
  const loaded = loadConfig({ env: {}, flags: [], cwd: '/' })
  if (loaded.kind === 'invalid') throw new Error('invalid')
  const config = { ...loaded.config, server: { ...loaded.config.server, workers } }
  const pool = createPool({
    config,
    directory: '/run',
    handles: Array.from({ length: workers }, (_, socket) => ({ socket })),
    spawn,
    timers: { ...clock, clearTimeout: (timer) => clock.clearTimeout(timer as ManualTimer) },
    random: () => 0,
    monotonic: clock.monotonic,
    log: { info: () => undefined, warn: () => undefined, error: () => undefined },
    onCrash: () => crashes.push(clock.monotonic()),
  })
  onTestFinished(() => pool.stop())
  const serving = () => spawned.filter(({ isAlive }) => isAlive).map(({ sockets }) => [...sockets])
  return { clock, pool, spawned, crashes, config, serving }
}

async function turns(): Promise<void> {
  for (let i = 0; i < 50; i++) await Promise.resolve()
}

test('each worker gets its own socket and its share of the memory', async () => {
  const { pool, spawned, config, serving } = setUp()
  expect(await pool.start()).toEqual({ kind: 'ready' })
  expect(serving()).toEqual([[0], [1]])
  expect(spawned.map(({ memoryBytes }) => memoryBytes * 2)).toEqual(spawned.map(() => config.cache.memoryBytes))
  expect(pool.ready).toBe(2)
})

test('if one cannot start, none stays and the reason is told', async () => {
  const { pool, spawned } = setUp({ failing: (n) => n === 1 })
  expect(await pool.start()).toEqual({ kind: 'failed', message: 'no' })
  expect(spawned.map(({ isAlive }) => isAlive)).toEqual([false, false])
})

test('what waits at the socket of a dead worker is served by another until the successor is there', async () => {
  const { pool, clock, spawned, crashes, serving } = setUp()
  await pool.start()
  spawned[0]?.die()
  await turns()
  expect([serving(), crashes.length, pool.ready]).toEqual([[[1, 0]], 1, 1])
  clock.advance(99)
  await turns()
  expect(spawned).toHaveLength(2)
  clock.advance(1)
  await turns()
  expect([serving(), pool.ready]).toEqual([[[1], [0]], 2])
})

test('restarts of a worker that keeps dying come ever later, up to half a minute', async () => {
  const { pool, clock, spawned } = setUp({ workers: 1 })
  await pool.start()
  const pauses: number[] = []
  for (let i = 0; i < 12; i++) {
    const before = clock.monotonic()
    const count = spawned.length
    spawned.at(-1)?.die()
    await turns()
    while (spawned.length === count) {
      clock.advance(100)
      await turns()
    }
    pauses.push(clock.monotonic() - before)
  }
  expect(pauses.slice(0, 5)).toEqual([100, 200, 400, 800, 1600])
  expect(pauses.slice(-2)).toEqual([30_000, 30_000])
  clock.advance(60_000)
  spawned.at(-1)?.die()
  await turns()
  clock.advance(100)
  await turns()
  expect(pool.ready).toBe(1)
})

test('a reload replaces one worker after the other, and somebody serves at every moment', async () => {
  const { pool, spawned, config, serving } = setUp()
  await pool.start()
  const next = { ...config, cache: { ...config.cache, memoryBytes: 2048 } }
  expect(await pool.roll(next)).toEqual({ kind: 'ready' })
  expect(serving()).toEqual([[0], [1]])
  expect(spawned.map(({ memoryBytes, isAlive }) => isAlive && memoryBytes)).toEqual([false, false, 1024, 1024])
  expect(spawned.flatMap(({ log }) => log)).toEqual(['stopped while 3 serve', 'stopped while 3 serve'])
})

test('a reload that cannot start a worker leaves those that are there, and restarts them as they were', async () => {
  const { pool, clock, spawned, config, serving } = setUp({ failing: (n) => n === 2 })
  await pool.start()
  const next = { ...config, cache: { ...config.cache, memoryBytes: 2048 } }
  expect(await pool.roll(next)).toEqual({ kind: 'failed', message: 'no' })
  expect(serving()).toEqual([[0], [1]])
  spawned[0]?.die()
  await turns()
  clock.advance(100)
  await turns()
  expect(spawned.at(-1)?.memoryBytes).toBe(config.cache.memoryBytes / 2)
})

test('a worker that hangs is killed within a minute, and replaced', async () => {
  const { pool, clock, spawned, crashes } = setUp()
  await pool.start()
  Object.assign(spawned[0] ?? {}, { hangs: true })
  for (let seconds = 0; seconds < 20; seconds++) {
    clock.advance(1000)
    await turns()
  }
  expect(crashes).toEqual([])
  for (let seconds = 0; seconds < 40; seconds++) {
    clock.advance(1000)
    await turns()
  }
  expect([spawned.map(({ isAlive }) => isAlive), crashes.length]).toEqual([[false, true, true], 1])
})

test('stopping ends all of them and starts none', async () => {
  const { pool, clock, spawned } = setUp()
  await pool.start()
  spawned[0]?.die()
  await turns()
  await pool.stop()
  clock.advance(60_000)
  await turns()
  expect(spawned.map(({ isAlive }) => isAlive)).toEqual([false, false])
})
