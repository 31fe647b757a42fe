import { hostname } from 'node:os'
import type { Authoriser } from '@s3proxy/auth'
import type { Peers } from '@s3proxy/coordinator'
import {
  createFastLane,
  type GatewayOptions,
  type ListenAddress,
  type ListenFailure,
  type Listening,
  listen,
} from '@s3proxy/gateway'
import { createMetrics, type Metrics } from '@s3proxy/metrics'
import type { Logger } from 'pino'
import { compose } from './compose.ts'
import type { Config } from './config/config.ts'
import type { Io } from './io.ts'
import { createAccessLog } from './logs/access-log.ts'
import { createAppLog } from './logs/app-log.ts'
import { createObserver } from './observer.ts'
import { readVersion } from './version.ts'

/** What is started. */
export interface CoreOptions {
  readonly config: Config
  readonly io: Io
  /** Who may read a hit, whatever the configuration says. Default: as it says. */
  readonly authoriser?: Authoriser | undefined
  /** The other processes that serve from the same cache. Default: none. */
  readonly peers?: Peers
  /** How they share what they fetch. Default: each fetches for itself. */
  readonly sharing?: GatewayOptions['sharing']
  /** Name of this process in the log. Default: it is the only one. */
  readonly worker?: string
}

/** What serves S3 requests in one process: everything but the listeners beside it. */
export interface Core {
  readonly kind: 'core'
  readonly metrics: Metrics
  readonly logger: Logger
  /** Puts the settings that can change live in force. */
  replacePolicies(config: Config): void
  /** Opens a caching listener. */
  listen(address: ListenAddress): Promise<Listening | ListenFailure>
  /**
   * Stops accepting, lets requests finish within the drain time, closes store and connections. Idle connections of clients
   * are closed after `graceMs` (default 0: at once).
   */
  drain(graceMs?: number): Promise<void>
  /** After `drain`: says that all is over, and closes the logs. */
  end(): Promise<void>
  /** Instead of both, if a listener could not be opened. */
  abandon(): Promise<void>
}

/** Why it is not started, in a line for people. */
export interface StartFailure {
  readonly kind: 'failed'
  readonly message: string
}

/** Puts together what serves. Whatever can be wrong with files and directories is found before any listener opens. */
export async function startCore(options: CoreOptions): Promise<Core | StartFailure> {
  const { config, io, authoriser, peers, sharing, worker } = options
  const metrics = createMetrics({ version: readVersion() })
  const { level, directory, retentionMs, access } = config.logging
  const appLog = createAppLog({ level, directory, retentionMs, hostname: hostname(), stderr: io.stderr })
  const logger = worker === undefined ? appLog.logger : appLog.logger.child({ worker })
  const accessLog =
    access.directory === undefined
      ? undefined
      : createAccessLog({
          directory: access.directory,
          mode: access.mode,
          rotationMs: access.rotationMs,
          retentionMs: access.retentionMs,
          hostname: hostname(),
          log: logger,
          onDropped: (lines) => metrics.accessLogDropped(lines),
        })
  const closeLogs = async (): Promise<void> => {
    await accessLog?.close()
    await appLog.close()
  }
  const composed = await compose({
    config,
    observer: createObserver({ metrics, logger, accessLog }),
    ...(authoriser === undefined ? {} : { authoriser }),
    ...(peers === undefined ? {} : { peers }),
    ...(sharing === undefined ? {} : { sharing }),
  })
  if (composed.kind === 'failed') {
    await closeLogs()
    return composed
  }
  const { gateway, store, budget } = composed
  metrics.watch({ requestsInFlight: () => gateway.inFlight, usage: () => store.usage(), memoryBudget: () => budget })
  const limits = { headTimeoutMs: config.server.headTimeoutMs, idleTimeoutMs: config.server.idleTimeoutMs }
  const open = new Set<Listening>()

  return {
    kind: 'core',
    metrics,
    logger,
    replacePolicies: composed.replacePolicies,
    async listen(address) {
      const result = await listen(createFastLane({ gateway, limits }), address)
      if (result.kind === 'failed') return result
      open.add(result)
      return {
        ...result,
        async drain(timeoutMs, graceMs) {
          await result.drain(timeoutMs, graceMs)
          open.delete(result)
        },
      }
    },
    async drain(graceMs) {
      logger.info({ inFlight: gateway.inFlight }, 'draining')
      await Promise.all([...open].map((listening) => listening.drain(config.server.drainTimeoutMs, graceMs)))
      await gateway.idle()
      await composed.close()
    },
    async end() {
      logger.info('stopped')
      await closeLogs()
    },
    async abandon() {
      await Promise.all([...open].map((listening) => listening.drain(0)))
      await composed.close()
      await closeLogs()
    },
  }
}
