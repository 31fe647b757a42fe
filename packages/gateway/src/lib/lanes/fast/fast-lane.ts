import { createServer, type Server, type Socket } from 'node:net'
import { formatHttpDate } from '@s3proxy/protocol'
import { drainHttp } from '../drain-http.ts'
import type { Lane } from '../lane.ts'
import { createNodeLane, type NodeLaneOptions, resolveLaneLimits } from '../node-lane.ts'
import { createRefusal } from '../refuse.ts'
import { Connection, type TimeLimits } from './connection.ts'
import type { LaneContext } from './lane-context.ts'
import { createOutbox } from './outbox.ts'
import { createReadyHeads } from './ready-heads.ts'
import { createSharedReads } from './shared-reads.ts'
import { createTurnClock } from './turn-clock.ts'

/** Timers, for tests to give their own. */
export interface LaneTimers {
  setInterval(callback: () => void, periodMs: number): unknown
  clearInterval(timer: unknown): void
}

/** What the lane works with. */
export interface FastLaneOptions extends NodeLaneOptions {
  /** Default: the machine's. */
  readonly timers?: LaneTimers
}

const machineTimers: LaneTimers = {
  setInterval: (callback, periodMs) => setInterval(callback, periodMs).unref(),
  clearInterval: (timer) => clearInterval(timer as NodeJS.Timeout),
}

/** All time limits are looked after once in so long, so that they cost nothing per request. */
const sweepMs = 1000
/** While the lane drains, a connection on which nothing has come yet may still bring its request for so long. */
const freshWhileDrainingMs = 2000

/**
 * A lane that reads plain GETs and HEADs itself, straight from the socket, and leaves everything else to `node:http`, bytes
 * unread.
 */
export function createFastLane(options: FastLaneOptions): Lane {
  const { gateway } = options
  const now = options.now ?? Date.now
  const random = options.random ?? Math.random
  const timers = options.timers ?? machineTimers
  const limits = resolveLaneLimits(options.limits)
  const slow = createNodeLane(options)
  // It will never listen, but only then does it look after its connections: slow heads, idle ones when it drains.
  slow.emit('listening')
  const connections = new Set<Connection>()
  /** All that are open, those of `node:http` too. */
  const sockets = new Set<Socket>()
  const adopt = createSharedReads()
  let draining = false
  let closeIdleAt = Number.POSITIVE_INFINITY

  const context: LaneContext = {
    gateway,
    now: createTurnClock(now, setImmediate),
    random,
    outbox: createOutbox(setImmediate),
    readyHeads: createReadyHeads(),
    maxHeadBytes: limits.maxHeadBytes,
    maxHeaderFields: limits.maxHeaderFields,
    keepAliveSeconds: Math.floor(limits.idleTimeoutMs / 1000),
    dateOf: createDates(),
    isDraining: () => draining,
    refuse: createRefusal({ ...options, now, random }),
  }

  const accept = (accepted: Socket): void => {
    const { socket, release } = adopt(accepted, (bytes, length) => connection.receive(bytes, length))
    const onLost = (): void => connection.lost()
    const onDrain = (): void => connection.drained()
    const onClose = (): void => {
      sockets.delete(socket)
      connections.delete(connection)
      connection.lost()
    }
    const handOver = (unread: Buffer): void => {
      connections.delete(connection)
      socket.off('end', onLost).off('drain', onDrain)
      release()
      socket.unshift(unread)
      slow.emit('connection', socket)
    }
    const connection = new Connection({ socket, context, handOver })
    connections.add(connection)
    sockets.add(socket)
    // The 'close' that follows an error is what counts.
    socket.on('error', ignore).on('close', onClose).on('end', onLost).on('drain', onDrain)
  }

  const server: Server = createServer({ noDelay: true, pauseOnConnect: true }, accept)
  const timeLimits = (): TimeLimits => ({
    freshMs: draining ? freshWhileDrainingMs : limits.headTimeoutMs,
    headMs: limits.headTimeoutMs,
    idleMs: limits.idleTimeoutMs,
    stallMs: limits.stallTimeoutMs,
  })
  const timer = timers.setInterval(() => {
    const [at, within] = [now(), timeLimits()]
    for (const connection of connections) connection.sweep(at, within)
    if (at >= closeIdleAt) closeIdle()
  }, sweepMs)
  const closeIdle = (): void => {
    closeIdleAt = Number.POSITIVE_INFINITY
    for (const connection of connections) connection.closeIfIdle()
    slow.closeIdleConnections()
  }
  server.once('close', () => {
    timers.clearInterval(timer)
    slow.close()
  })
  return {
    server,
    drain(graceMs) {
      draining = true
      drainHttp(slow)
      if (graceMs === 0) closeIdle()
      else closeIdleAt = now() + graceMs
    },
    cut() {
      for (const socket of sockets) socket.destroy()
    },
  }
}

const ignore = (): void => undefined

/** HTTP dates, made once a second. */
function createDates(): (ms: number) => string {
  let second = Number.NaN
  let date = ''
  return (ms) => {
    const current = Math.floor(ms / 1000)
    if (current !== second) {
      second = current
      date = formatHttpDate(ms)
    }
    return date
  }
}
