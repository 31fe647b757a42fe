import { hostname } from 'node:os'
import type { Authoriser } from '@s3proxy/auth'
import { createNodeLane, type Listening } from '@s3proxy/gateway'
import { createMetrics } from '@s3proxy/metrics'
import { compose } from './compose.ts'
import type { Config } from './config/config.ts'
import { createHealthServer, type Lifecycle } from './health.ts'
import type { Io } from './io.ts'
import { createAccessLog } from './logs/access-log.ts'
import { createAppLog } from './logs/app-log.ts'
import { createMetricsServer } from './metrics-server.ts'
import { createObserver } from './observer.ts'
import { openListeners } from './open-listeners.ts'
import type { ConfigSource } from './reload/config-source.ts'
import { pollEvery } from './reload/poll-every.ts'
import { createReloader } from './reload/reloader.ts'
import { readVersion } from './version.ts'

/** What is started. */
export interface StartOptions {
  readonly config: Config
  readonly io: Io
  /** Where `config` comes from, so that it can be read again. Default: it stays as it is. */
  readonly source?: ConfigSource
  /** Who may read a hit, whatever the configuration says. Default: as it says. */
  readonly authoriser?: Authoriser
}

/** A proxy that serves. */
export interface StartedProxy {
  readonly kind: 'started'
  /** By name: `http`, and `health` and `metrics` unless switched off. */
  readonly listeners: ReadonlyMap<string, Listening>
  /** Has the configuration read again: what can change live does, the log tells of the rest. */
  reload(): Promise<void>
  /** Stops accepting, lets requests finish within the drain time, closes everything. */
  stop(): Promise<void>
}

/** Why it does not, in a line for people. */
export interface StartFailure {
  readonly kind: 'failed'
  readonly message: string
}

/**
 * Puts a proxy together and opens its listeners. Whatever can be wrong with files and directories is found before any
 * listener opens, and the caching listener opens last: who can connect is served.
 */
export async function startProxy(options: StartOptions): Promise<StartedProxy | StartFailure> {
  const { config, io, authoriser, source } = options
  const version = readVersion()
  const metrics = createMetrics({ version })
  const { level, directory, access } = config.logging
  const appLog = createAppLog({ level, directory, hostname: hostname(), stderr: io.stderr })
  const { logger } = appLog
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
  })
  if (composed.kind === 'failed') {
    await closeLogs()
    return composed
  }
  const { gateway, store, budget } = composed
  metrics.watch({ requestsInFlight: () => gateway.inFlight, usage: () => store.usage(), memoryBudget: () => budget })

  const reloader =
    source === undefined ? undefined : createReloader({ source, apply: composed.replacePolicies, log: logger })
  let lifecycle: Lifecycle = 'starting'
  const limits = { headTimeoutMs: config.server.headTimeoutMs, idleTimeoutMs: config.server.idleTimeoutMs }
  const opened = await openListeners([
    ...(config.health.enabled
      ? [
          {
            name: 'health',
            address: config.health,
            server: createHealthServer({
              path: config.health.path,
              version,
              lifecycle: () => lifecycle,
              configuration: () => reloader?.state ?? 'current',
            }),
          },
        ]
      : []),
    ...(config.metrics.enabled
      ? [
          {
            name: 'metrics',
            address: config.metrics,
            server: createMetricsServer({ path: config.metrics.path, metrics }),
          },
        ]
      : []),
    { name: 'http', address: config.server.http, server: createNodeLane({ gateway, limits }) },
  ])
  if (opened.kind === 'failed') {
    await composed.close()
    await closeLogs()
    return opened
  }
  lifecycle = 'ready'
  const { listeners } = opened
  for (const [name, listening] of listeners) io.stdout.write(`listening ${name} ${listenerUrl(listening)}\n`)
  logger.info(
    { version, pid: process.pid, cacheDir: config.cache.directory, mode: config.cache.authorization },
    'ready',
  )
  const stopPolling = pollEvery(reloader === undefined ? 0 : config.server.configPollMs, () => void reloader?.poll())
  return {
    kind: 'started',
    listeners,
    reload: () => reloader?.reload() ?? Promise.resolve(),
    async stop() {
      stopPolling()
      lifecycle = 'draining'
      logger.info({ inFlight: gateway.inFlight }, 'draining')
      await listeners.get('http')?.drain(config.server.drainTimeoutMs)
      await gateway.idle()
      await composed.close()
      for (const [name, listening] of listeners) if (name !== 'http') await listening.drain(0)
      logger.info('stopped')
      await closeLogs()
    },
  }
}

/** Where a listener can be reached, as a URL without a path. */
export function listenerUrl({ host, port }: Listening): string {
  return `http://${host.includes(':') ? `[${host}]` : host}:${port}`
}
