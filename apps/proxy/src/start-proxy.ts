import type { Authoriser } from '@s3proxy/auth'
import type { Listening } from '@s3proxy/gateway'
import type { Config } from './config/config.ts'
import type { Lifecycle } from './health.ts'
import type { Io } from './io.ts'
import type { ConfigSource } from './reload/config-source.ts'
import { pollEvery } from './reload/poll-every.ts'
import { createReloader } from './reload/reloader.ts'
import { openSideListeners } from './side-listeners.ts'
import { type StartFailure, startCore } from './start-core.ts'
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

/** Where a listener can be reached. */
export type ListenerPlace = Pick<Listening, 'host' | 'port'>

/** A proxy that serves. */
export interface StartedProxy {
  readonly kind: 'started'
  /** By name: `http`, and `health` and `metrics` unless switched off. */
  readonly listeners: ReadonlyMap<string, ListenerPlace>
  /** Has the configuration read again: what can change live does, the log tells of the rest. */
  reload(): Promise<void>
  /** Stops accepting, lets requests finish within the drain time, closes everything. */
  stop(): Promise<void>
}

/**
 * Starts a proxy in this one process. Whatever can be wrong with files and directories is found before any listener
 * opens, and the caching listener opens last: who can connect is served.
 */
export async function startProxy(options: StartOptions): Promise<StartedProxy | StartFailure> {
  const { config, io, authoriser, source } = options
  const core = await startCore({ config, io, authoriser })
  if (core.kind === 'failed') return core
  const { logger, metrics } = core
  const reloader =
    source === undefined
      ? undefined
      : createReloader({
          source,
          apply: core.replacePolicies,
          log: logger,
          onReload: metrics.configReloaded,
        })
  let lifecycle: Lifecycle = 'starting'
  const side = await openSideListeners(config, {
    lifecycle: () => lifecycle,
    configuration: () => reloader?.state ?? 'current',
    metrics,
  })
  if (side.kind === 'failed') {
    await core.abandon()
    return side
  }
  const http = await core.listen(config.server.http)
  if (http.kind === 'failed') {
    await side.close()
    await core.abandon()
    return { kind: 'failed', message: `http listener: ${http.message}` }
  }
  lifecycle = 'ready'
  const listeners = new Map([...side.listeners, ['http', http]])
  announce(listeners, io)
  logger.info(
    { version: readVersion(), pid: process.pid, cacheDir: config.cache.directory, mode: config.cache.authorization },
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
      await core.drain()
      await side.close()
      await core.end()
    },
  }
}

/** Prints where a proxy can be reached, one line for each listener. Programs that start it read these lines. */
export function announce(listeners: ReadonlyMap<string, ListenerPlace>, io: Io): void {
  for (const [name, listening] of listeners) io.stdout.write(`listening ${name} ${listenerUrl(listening)}\n`)
}

/** Where a listener can be reached, as a URL without a path. */
export function listenerUrl({ host, port }: ListenerPlace): string {
  return `http://${host.includes(':') ? `[${host}]` : host}:${port}`
}
