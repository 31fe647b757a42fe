import type { Representation } from '@s3proxy/cache-store'
import { createWorkerPeers, type WorkerPeers } from '@s3proxy/coordinator'
import type { Listening } from '@s3proxy/gateway'
import type { Io } from '../io.ts'
import { createThrottle } from '../logs/throttle.ts'
import { type Core, startCore } from '../start-core.ts'
import type { FromWorker, ToWorker } from './messages.ts'
import { createPeerStreams, type PeerStreams } from './peer-streams.ts'

/** The line to the supervisor. */
export interface SupervisorLine {
  send(message: FromWorker): void
}

/** A worker, waiting for its first message. */
export interface Worker {
  /** Takes a message from the supervisor. */
  receive(message: ToWorker, socket: object | undefined): void
  /** The supervisor is gone: nothing of the cache is used any more, and the worker drains. */
  disconnected(): void
  /** Resolves when everything is over. */
  readonly ended: Promise<void>
}

const timers = { setTimeout, clearTimeout: (timer: unknown) => clearTimeout(timer as NodeJS.Timeout) }

/** Connections of a socket that is handed on may take their time. */
const longestMs = 2 ** 31 - 1

/** How often it is told that the supervisor is silent. */
const silencePeriodMs = 10_000

/** Serves for a supervisor until it is told to stop, or the supervisor is gone. */
export function createWorker({ send }: SupervisorLine, io: Io): Worker {
  const { promise: ended, resolve: end } = Promise.withResolvers<void>()
  const open = new Map<number, Listening>()
  let peers: WorkerPeers<Representation> | undefined
  let streams: PeerStreams | undefined
  let core: Core | undefined
  let bind = ''
  let isStopping = false
  const throttle = createThrottle(silencePeriodMs, Date.now)
  const onSilence = (): void =>
    throttle.offer('silence', (leftOut) =>
      core?.logger.warn(
        { leftOut },
        'the supervisor has not said in time who fetches: this worker does, whoever else may',
      ),
    )

  const start = async ({ worker, config, place }: ToWorker & { readonly kind: 'start' }): Promise<void> => {
    bind = config.server.http.bind
    peers = createWorkerPeers({ id: worker, timers, send: (message) => send({ kind: 'hub', message }), onSilence })
    streams = createPeerStreams(place)
    const trouble = await streams.listen().then(
      () => undefined,
      (error: unknown) => error,
    )
    const sharing = trouble === undefined ? { leases: peers.leases, streams } : undefined
    const started = await startCore({ config, io, peers, sharing, worker })
    if (started.kind === 'failed') {
      send({ kind: 'failed', message: started.message })
      end()
      return
    }
    core = started
    if (trouble !== undefined)
      core.logger.warn({ err: trouble }, 'other workers cannot reach this one: each fetches for itself')
    send({ kind: 'composed' })
    if (isStopping) await stop()
  }
  const listen = async (socket: number, handle: object): Promise<void> => {
    const listening = await core?.listen({ handle, bind })
    if (listening?.kind === 'failed') send({ kind: 'failed', message: `http listener: ${listening.message}` })
    else if (listening !== undefined) {
      open.set(socket, listening)
      send({ kind: 'listening', socket })
    }
  }
  const unlisten = (socket: number): void => {
    const listening = open.get(socket)
    open.delete(socket)
    void listening?.drain(longestMs)
  }
  const stop = async (graceMs = 0): Promise<void> => {
    isStopping = true
    if (core === undefined) return
    const stopping = core
    core = undefined
    await stopping.drain(graceMs)
    await streams?.close()
    send({ kind: 'stopped', numbers: await stopping.metrics.collect() })
    await stopping.end()
    end()
  }
  const collect = async (request: number): Promise<void> => {
    if (core !== undefined) send({ kind: 'collected', request, numbers: await core.metrics.collect() })
  }

  return {
    ended,
    receive(message, socket) {
      switch (message.kind) {
        case 'start':
          void start(message)
          return
        case 'listen':
          if (socket !== undefined) void listen(message.socket, socket)
          return
        case 'unlisten':
          unlisten(message.socket)
          return
        case 'replace-policies':
          core?.replacePolicies(message.config)
          return
        case 'collect':
          void collect(message.request)
          return
        case 'stop':
          void stop(message.graceMs)
          return
        case 'hub':
          peers?.receive(message.message)
          return
      }
    },
    disconnected() {
      peers?.disconnected()
      void stop()
    },
  }
}
