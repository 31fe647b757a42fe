import type { Hub, Seat } from '@s3proxy/coordinator'
import type { ProcessNumbers } from '@s3proxy/metrics'
import type { Config } from '../config/config.ts'
import type { FromWorker, ToWorker } from './messages.ts'
import type { SpawnWorker } from './worker-process.ts'

/** What became of a start. */
export type MemberStart = { readonly kind: 'composed' } | { readonly kind: 'failed'; readonly message: string }

/** One worker, from its start to its end. */
export interface Member {
  readonly id: string
  readonly pid: number | undefined
  /** Resolves when it is ready to be given a socket, or cannot be. */
  readonly composed: Promise<MemberStart>
  /** Resolves when the process has ended, with how, for people. */
  readonly exited: Promise<string>
  /** Sockets it serves on, or is about to. */
  readonly sockets: ReadonlySet<number>
  /** Whether it was told to stop, or has gone. */
  readonly isEnding: boolean
  /** The last numbers heard of it. */
  readonly numbers: ProcessNumbers
  /** Has it serve on a socket; resolves when it does, with false if it cannot. */
  serve(socket: number, handle: object): Promise<boolean>
  unserve(socket: number): void
  send(message: ToWorker): void
  /** Numbers as of now; those heard last if it does not say in time. */
  collect(): Promise<ProcessNumbers>
  /** How often in a row it has not said its numbers in time. */
  readonly silences: number
  /** Has it drain and end; idle connections may bring one more request for `graceMs`. */
  stop(graceMs: number): void
  kill(): void
}

/** Timers, injected so that tests need not wait. */
export interface PoolTimers {
  setTimeout(callback: () => void, delayMs: number): unknown
  clearTimeout(timer: unknown): void
}

export interface MemberOptions {
  readonly id: string
  /** As the worker is to take it: its share. */
  readonly config: Config
  /** Where other workers find it: the path of a Unix socket. */
  readonly place: string
  readonly spawn: SpawnWorker
  readonly hub: Hub
  readonly timers: PoolTimers
}

/** Until it serves a worker takes a second or two; one that takes longer than this hangs. */
const startTimeoutMs = 60_000
const collectTimeoutMs = 2000

/** Starts a worker. */
export function startMember({ id, config, place, spawn, hub, timers }: MemberOptions): Member {
  const composed = Promise.withResolvers<MemberStart>()
  const exited = Promise.withResolvers<string>()
  const sockets = new Set<number>()
  const serving = new Map<number, (serves: boolean) => void>()
  const collecting = new Map<number, () => void>()
  let numbers: ProcessNumbers = []
  let requests = 0
  let silences = 0
  let isEnding = false
  let hasExited = false
  let seat: Seat | undefined

  const message = (message: FromWorker): void => {
    if (hasExited) return
    switch (message.kind) {
      case 'composed':
        // Before it looks at the cache, so that it misses nothing.
        seat = hub.join(id, (forward) => worker.send({ kind: 'hub', message: forward }))
        composed.resolve({ kind: 'composed' })
        return
      case 'listening':
        timers.clearTimeout(timer)
        serving.get(message.socket)?.(true)
        return
      case 'failed':
        timers.clearTimeout(timer)
        composed.resolve({ kind: 'failed', message: message.message })
        for (const resolve of serving.values()) resolve(false)
        return
      case 'collected':
        numbers = message.numbers
        silences = 0
        collecting.get(message.request)?.()
        return
      case 'stopped':
        numbers = message.numbers
        return
      case 'hub':
        seat?.receive(message.message)
        return
    }
  }
  const exit = (how: string): void => {
    isEnding = true
    hasExited = true
    timers.clearTimeout(timer)
    seat?.leave()
    composed.resolve({ kind: 'failed', message: `a worker ended while it started (${how})` })
    for (const resolve of serving.values()) resolve(false)
    for (const resolve of collecting.values()) resolve()
    exited.resolve(how)
  }
  const worker = spawn({ message, exit })
  const timer = timers.setTimeout(() => worker.kill(), startTimeoutMs)
  worker.send({ kind: 'start', worker: id, config, place })

  return {
    id,
    pid: worker.pid,
    composed: composed.promise,
    exited: exited.promise,
    sockets,
    get isEnding() {
      return isEnding
    },
    get numbers() {
      return numbers
    },
    serve(socket, handle) {
      sockets.add(socket)
      const { promise, resolve } = Promise.withResolvers<boolean>()
      serving.set(socket, resolve)
      worker.send({ kind: 'listen', socket }, handle)
      if (isEnding) resolve(false)
      return promise.finally(() => serving.delete(socket))
    },
    unserve(socket) {
      if (sockets.delete(socket)) worker.send({ kind: 'unlisten', socket })
    },
    send: (forward) => worker.send(forward),
    get silences() {
      return silences
    },
    async collect() {
      if (isEnding) return numbers
      const request = requests++
      await new Promise<void>((resolve) => {
        const late = timers.setTimeout(() => {
          silences++
          resolve()
        }, collectTimeoutMs)
        collecting.set(request, () => {
          timers.clearTimeout(late)
          resolve()
        })
        worker.send({ kind: 'collect', request })
      })
      collecting.delete(request)
      return numbers
    },
    stop(graceMs) {
      if (isEnding) return
      isEnding = true
      worker.send({ kind: 'stop', graceMs })
    },
    kill: () => worker.kill(),
  }
}
