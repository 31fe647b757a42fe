import type { Config } from '../config/config.ts'

/** What one of `config.server.workers` is told: its share of what is for the whole machine. */
export function workerShare(config: Config): Config {
  const { workers, maxConcurrentRequests } = config.server
  return {
    ...config,
    server: { ...config.server, maxConcurrentRequests: Math.ceil(maxConcurrentRequests / workers) },
    cache: { ...config.cache, memoryBytes: Math.floor(config.cache.memoryBytes / workers) },
  }
}
