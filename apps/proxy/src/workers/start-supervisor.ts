import { mkdtemp, rm } from 'node:fs/promises'
import { hostname, tmpdir } from 'node:os'
import { join } from 'node:path'
import { createMetrics, mergedExposition, mergedSnapshot } from '@s3proxy/metrics'
import type { Config } from '../config/config.ts'
import type { Lifecycle } from '../health.ts'
import { createAppLog } from '../logs/app-log.ts'
import { pollEvery } from '../reload/poll-every.ts'
import { createReloader } from '../reload/reloader.ts'
import { openSideListeners } from '../side-listeners.ts'
import type { StartFailure } from '../start-core.ts'
import { announce, type ListenerPlace, type StartedProxy, type StartOptions } from '../start-proxy.ts'
import { readVersion } from '../version.ts'
import { openListeningSockets } from './listening-sockets.ts'
import { createPool } from './pool.ts'
import { forkWorker, type SpawnWorker } from './worker-process.ts'

/** What is started. */
export interface SupervisorOptions extends Omit<StartOptions, 'authoriser'> {
  /** Default: processes. */
  readonly spawn?: SpawnWorker
}

/**
 * Starts a proxy of several processes: this one holds the listening sockets, answers for health and metrics, and
 * watches over workers that serve. To the outside it is what `startProxy` starts.
 */
export async function startSupervisor(options: SupervisorOptions): Promise<StartedProxy | StartFailure> {
  const { config, io, source, spawn = forkWorker } = options
  const version = readVersion()
  const metrics = createMetrics({ version })
  const { level, directory, retentionMs } = config.logging
  const appLog = createAppLog({ level, directory, retentionMs, hostname: hostname(), stderr: io.stderr })
  const { logger } = appLog
  const sockets = await openListeningSockets(config.server.http, config.server.workers)
  if (sockets.kind === 'failed') {
    await appLog.close()
    return { kind: 'failed', message: `http listener: ${sockets.message}` }
  }
  const places = await mkdtemp(join(tmpdir(), 's3proxy-'))
  const pool = createPool({
    config,
    directory: places,
    handles: sockets.handles,
    spawn,
    timers: { setTimeout, clearTimeout: (timer) => clearTimeout(timer as NodeJS.Timeout) },
    random: Math.random,
    monotonic: () => performance.now(),
    log: logger,
    onCrash: metrics.workerExited,
  })
  metrics.watch({ workers: () => pool.ready })
  const roll = async (next: Config): Promise<boolean> => {
    const result = await pool.roll(asFarAsWorkersGo(config, next))
    if (result.kind === 'failed') logger.error({ reason: result.message }, 'the workers that are there stay')
    return result.kind === 'ready'
  }
  const reloader =
    source === undefined
      ? undefined
      : createReloader({
          source,
          apply: pool.replacePolicies,
          roll,
          log: logger,
          onReload: metrics.configReloaded,
        })
  let isStopping = false
  const lifecycle = (): Lifecycle => (isStopping ? 'draining' : pool.ready > 0 ? 'ready' : 'starting')
  const startedAt = Date.now()
  const collect = async () => [await metrics.collect(), ...(await pool.collect())]
  const side = await openSideListeners(config, {
    lifecycle,
    configuration: () => reloader?.state ?? 'current',
    metrics: {
      exposition: async () => mergedExposition(await collect()),
      async snapshot() {
        const takenAt = Date.now()
        return mergedSnapshot(await collect(), { takenAt, uptimeMs: takenAt - startedAt })
      },
    },
  })
  const close = async (): Promise<void> => {
    sockets.close()
    await rm(places, { recursive: true, force: true })
    await appLog.close()
  }
  if (side.kind === 'failed') {
    await close()
    return side
  }
  const started = await pool.start()
  if (started.kind === 'failed') {
    await side.close()
    await close()
    return started
  }
  const listeners: StartedProxy['listeners'] = new Map<string, ListenerPlace>([
    ...side.listeners,
    ['http', { host: sockets.host, port: sockets.port }],
  ])
  announce(listeners, io)
  const { workers } = config.server
  logger.info(
    { version, pid: process.pid, workers, cacheDir: config.cache.directory, mode: config.cache.authorization },
    'ready',
  )
  const stopPolling = pollEvery(reloader === undefined ? 0 : config.server.configPollMs, () => void reloader?.poll())
  return {
    kind: 'started',
    listeners,
    reload: () => reloader?.reload() ?? Promise.resolve(),
    async stop() {
      stopPolling()
      isStopping = true
      logger.info({}, 'draining')
      await pool.stop()
      await side.close()
      logger.info('stopped')
      await close()
    },
  }
}

/** `next`, but for what outlives a worker. */
function asFarAsWorkersGo(started: Config, next: Config): Config {
  const { http, workers, configPollMs } = started.server
  return { ...next, server: { ...next.server, http, workers, configPollMs }, logging: started.logging }
}
