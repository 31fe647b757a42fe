import { join } from 'node:path'
import { createHub } from '@s3proxy/coordinator'
import { type ProcessNumbers, pastOf } from '@s3proxy/metrics'
import type { Config } from '../config/config.ts'
import { createBackOff } from './back-off.ts'
import { type Member, type PoolTimers, startMember } from './member.ts'
import { createPast } from './past.ts'
import type { SpawnWorker } from './worker-process.ts'
import { workerShare } from './worker-share.ts'

/** Writes one line of the log. */
type Log = (fields: object, message: string) => void

/** What {@link createPool} is made of. */
export interface PoolOptions {
  readonly config: Config
  /** An empty directory that nobody else can enter, for the Unix sockets between workers. */
  readonly directory: string
  /** One for each worker. */
  readonly handles: readonly object[]
  readonly spawn: SpawnWorker
  readonly timers: PoolTimers
  /** In `[0, 1)`. */
  readonly random: () => number
  /** Milliseconds, never going back. */
  readonly monotonic: () => number
  readonly log: { readonly info: Log; readonly warn: Log; readonly error: Log }
  /** A worker has ended without having been asked to. */
  readonly onCrash: () => void
}

/** What became of a start. */
type Launch =
  | { readonly kind: 'ready'; readonly member: Member }
  | { readonly kind: 'failed'; readonly message: string }

/** What became of the start of all, or of a reload. */
export type PoolResult = { readonly kind: 'ready' } | { readonly kind: 'failed'; readonly message: string }

/** The workers of a proxy: one for each socket, replaced when they die. */
export interface Pool {
  /** Starts all. If one cannot be started, none stays. */
  start(): Promise<PoolResult>
  /** Workers that take requests. */
  readonly ready: number
  /** Has all of them put the settings that can change live in force. */
  replacePolicies(config: Config): void
  /**
   * Replaces the workers one after the other by such with `config`: the new one serves before the old one drains. At the
   * first that cannot start the rest stays as it is.
   */
  roll(config: Config): Promise<PoolResult>
  /** The numbers of every worker there has been. */
  collect(): Promise<readonly ProcessNumbers[]>
  /** Drains all, kills what does not end in time. */
  stop(): Promise<void>
}

/** How often workers are asked for their numbers, and after how many silences one is taken for hung: half a minute or so. */
const beatMs = 5000
const maxSilences = 5

/** When a worker is replaced, a client between two requests learns by an answer that its connection ends. */
const rollGraceMs = 2000

/** Beyond the drain time a worker gets this long to close its files. */
const endingMs = 5000

/** Makes the workers' pool; nothing is started yet. */
export function createPool(options: PoolOptions): Pool {
  const { handles, spawn, timers, random, monotonic, log } = options
  let { config } = options
  const hub = createHub({
    timers,
    onStuck(id) {
      log.error({ worker: id }, 'a worker does not answer and is killed')
      members.get(id)?.kill()
    },
  })
  const members = new Map<string, Member>()
  /** Who serves each socket; undefined while nobody has it as his own. */
  const owners: (Member | undefined)[] = handles.map(() => undefined)
  const backOffs = handles.map(() => createBackOff(random))
  const past = createPast()
  const restarts = new Set<unknown>()
  let names = 0
  let isStopping = false
  let beating: unknown

  /** A worker serving on `socket`, or why there is none. */
  const launch = async (socket: number): Promise<Launch> => {
    const id = `${socket}.${names++}`
    const member = startMember({
      id,
      place: join(options.directory, id),
      config: workerShare(config),
      spawn,
      hub,
      timers,
    })
    members.set(id, member)
    const startedAt = monotonic()
    void member.exited.then((how) => ended(member, socket, how, monotonic() - startedAt))
    const started = await member.composed
    if (started.kind === 'failed') {
      member.kill()
      return started
    }
    const handle = handles[socket] as object
    if (!(await member.serve(socket, handle))) {
      member.kill()
      return { kind: 'failed', message: 'a worker cannot listen' }
    }
    const before = owners[socket]
    owners[socket] = member
    for (const other of members.values()) if (other !== member && other !== before) other.unserve(socket)
    return { kind: 'ready', member }
  }

  const ended = (member: Member, socket: number, how: string, livedMs: number): void => {
    members.delete(member.id)
    past.add(pastOf(member.numbers))
    if (owners[socket] !== member) return
    owners[socket] = undefined
    if (isStopping) return
    const delayMs = backOffs[socket]?.next(livedMs) ?? 0
    log.error({ worker: member.id, pid: member.pid, how, restartInMs: delayMs }, 'a worker ended and is replaced')
    options.onCrash()
    for (const orphan of member.sockets) adopt(orphan)
    relaunchIn(delayMs, socket)
  }

  const relaunchIn = (delayMs: number, socket: number): void => {
    const timer = timers.setTimeout(() => {
      restarts.delete(timer)
      void relaunch(socket)
    }, delayMs)
    restarts.add(timer)
  }

  /** Has the worker with the least to do accept what waits at a socket whose own worker is gone. */
  const adopt = (socket: number): void => {
    const [foster] = owners.filter((owner) => owner !== undefined).sort((a, b) => a.sockets.size - b.sockets.size)
    if (foster !== undefined && !foster.sockets.has(socket)) void foster.serve(socket, handles[socket] as object)
  }

  const relaunch = async (socket: number): Promise<void> => {
    if (isStopping || owners[socket] !== undefined) return
    const result = await launch(socket)
    if (result.kind === 'ready') {
      log.info({ worker: result.member.id, pid: result.member.pid }, 'ready')
      return
    }
    if (isStopping) return
    const delayMs = backOffs[socket]?.next(0) ?? 0
    log.error({ reason: result.message, nextInMs: delayMs }, 'a worker could not be started')
    relaunchIn(delayMs, socket)
  }

  /** Has a worker drain and end, whatever it takes. */
  const dismiss = async (member: Member, graceMs = 0): Promise<void> => {
    member.stop(graceMs)
    const timer = timers.setTimeout(() => member.kill(), config.server.drainTimeoutMs + endingMs)
    await member.exited
    timers.clearTimeout(timer)
  }

  /** Notices workers that hang, and keeps the numbers of those that may yet die. */
  const beat = async (): Promise<void> => {
    const started = [...owners].filter((owner) => owner !== undefined)
    await Promise.all(started.map((member) => member.collect()))
    for (const member of started) {
      if (member.silences < maxSilences || member.isEnding) continue
      log.error({ worker: member.id, pid: member.pid }, 'a worker hangs and is killed')
      member.kill()
    }
    beatLater()
  }
  const beatLater = (): void => {
    if (!isStopping) beating = timers.setTimeout(() => void beat(), beatMs)
  }

  const stop = async (): Promise<void> => {
    isStopping = true
    timers.clearTimeout(beating)
    for (const timer of restarts) timers.clearTimeout(timer)
    await Promise.all([...members.values()].map((member) => dismiss(member)))
  }

  return {
    async start() {
      const results = await Promise.all(handles.map((_, socket) => launch(socket)))
      const failure = results.find((result) => result.kind === 'failed')
      if (failure === undefined) {
        beatLater()
        return { kind: 'ready' }
      }
      await stop()
      return failure
    },
    get ready() {
      return owners.filter((owner) => owner !== undefined).length
    },
    replacePolicies(next) {
      const { directory, maxBytes, memoryBytes, presignedMemoMs } = config.cache
      config = {
        ...config,
        cache: { ...next.cache, directory, maxBytes, memoryBytes, presignedMemoMs },
        rules: next.rules,
      }
      for (const member of members.values()) {
        member.send({ kind: 'replace-policies', config: workerShare(config) })
      }
    },
    async roll(next) {
      const last = config
      config = next
      for (const socket of handles.keys()) {
        const before = owners[socket]
        if (before === undefined || isStopping) continue // its successor starts with the new settings anyway
        const result = await launch(socket)
        if (result.kind === 'failed') {
          config = last
          return result
        }
        for (const orphan of before.sockets) if (owners[orphan] === undefined) adopt(orphan)
        await dismiss(before, rollGraceMs)
      }
      return { kind: 'ready' }
    },
    async collect() {
      const current = await Promise.all([...members.values()].map((member) => member.collect()))
      return [past.numbers, ...current]
    },
    stop,
  }
}
