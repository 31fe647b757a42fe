import { availableParallelism } from 'node:os'
import type { Config } from './config.ts'
import type { Values } from './schema.ts'

/** What the values alone do not say. */
export interface ResolveOptions {
  /** The DNS servers of the system, for an empty `upstream.dns.servers`. */
  readonly systemDnsServers: () => readonly string[]
}

/** The checked values in the names the program uses: the one place where keys of the file and fields meet. */
export function resolveConfig(values: Values, { systemDnsServers }: ResolveOptions): Config {
  const { server, cache, rules, upstream, health, metrics, logging } = values
  const { servers } = upstream.dns
  return {
    server: {
      http: server.http,
      workers: server.workers === 'auto' ? availableParallelism() : server.workers,
      maxConcurrentRequests: server.max_concurrent_requests,
      memoryBudgetBytes: server.memory_budget,
      headTimeoutMs: server.head_timeout,
      idleTimeoutMs: server.idle_timeout,
      drainTimeoutMs: server.drain_timeout,
      configPollMs: server.config_poll,
    },
    cache: {
      directory: cache.dir,
      maxBytes: cache.max_size,
      minFree: cache.min_free,
      memoryBytes: cache.memory,
      eviction: cache.eviction,
      compression: cache.compression,
      verifyFills: cache.verify_fills,
      scrub: { bytesPerSecond: cache.scrub.rate, intervalMs: cache.scrub.interval },
      authorization: cache.authorization,
      getTtlMs: cache.ttl.get,
      headTtlMs: cache.ttl.head,
      presignedMemoMs: cache.presigned_memo,
      staleIfErrorMs: cache.stale_if_error,
      staleWhileRevalidateMs: cache.stale_while_revalidate,
      negativeTtlMs: cache.negative_ttl,
      honourCacheControl: cache.honour_cache_control,
      pageBytes: cache.page_size,
    },
    rules,
    upstream: {
      dns: { servers: servers.length > 0 ? servers : systemDnsServers(), refreshMs: upstream.dns.refresh },
      endpointOverrides: upstream.endpoint_overrides,
      stores: upstream.stores,
      caFile: upstream.ca_file,
      connectTimeoutMs: upstream.timeouts.connect,
      firstByteTimeoutMs: upstream.timeouts.first_byte,
      idleTimeoutMs: upstream.timeouts.idle,
    },
    health,
    metrics,
    logging: {
      level: logging.level,
      directory: logging.dir,
      retentionMs: logging.retention,
      access: {
        directory: logging.access.dir,
        mode: logging.access.mode,
        rotationMs: logging.access.rotation,
        retentionMs: logging.access.retention,
      },
    },
  }
}
