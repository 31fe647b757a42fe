import type { Listening } from '@s3proxy/gateway'
import type { Metrics } from '@s3proxy/metrics'
import type { Config } from './config/config.ts'
import { createHealthServer, type HealthOptions } from './health.ts'
import { createMetricsServer } from './metrics-server.ts'
import { type ListenerPlan, openListeners } from './open-listeners.ts'
import type { StartFailure } from './start-core.ts'
import { readVersion } from './version.ts'

/** What the listeners beside the caching one tell. */
export interface SideSubjects extends Pick<HealthOptions, 'lifecycle' | 'configuration'> {
  readonly metrics: Pick<Metrics, 'exposition' | 'snapshot'>
}

/** The listeners beside the caching one: health and metrics, unless switched off. */
export interface SideListeners {
  readonly kind: 'opened'
  readonly listeners: ReadonlyMap<string, Listening>
  close(): Promise<void>
}

/** Opens them; if one fails, those opened before are closed again. */
export async function openSideListeners(
  config: Config,
  { lifecycle, configuration, metrics }: SideSubjects,
): Promise<SideListeners | StartFailure> {
  const plans: ListenerPlan[] = []
  if (config.health.enabled) {
    const server = createHealthServer({ path: config.health.path, version: readVersion(), lifecycle, configuration })
    plans.push({ name: 'health', address: config.health, server })
  }
  if (config.metrics.enabled) {
    const server = createMetricsServer({ path: config.metrics.path, metrics })
    plans.push({ name: 'metrics', address: config.metrics, server })
  }
  const opened = await openListeners(plans)
  if (opened.kind === 'failed') return opened
  return {
    ...opened,
    async close() {
      for (const listening of opened.listeners.values()) await listening.drain(0)
    },
  }
}
