import type { StoreObserver } from '@s3proxy/cache-store'
import type { Metrics } from '@s3proxy/metrics'
import type { Logger } from 'pino'
import type { ProxyObserver } from './compose.ts'
import type { AccessLog } from './logs/access-log.ts'
import { createThrottle } from './logs/throttle.ts'
import { observeUpstream } from './observe-upstream.ts'
import { systemReason } from './system-reason.ts'

/** Who is told what a proxy does. */
export interface Listeners {
  readonly metrics: Metrics
  readonly logger: Logger
  /** Undefined when there is no access log. */
  readonly accessLog: AccessLog | undefined
}

const throttleMs = 10_000

/** Binds what the parts of a proxy tell to metrics and logs: the only place that knows both. */
export function createObserver({ metrics, logger, accessLog }: Listeners): ProxyObserver {
  const throttle = createThrottle(throttleMs, Date.now)
  return {
    request(record, error) {
      metrics.observeRequest(record)
      accessLog?.write(record)
      if (error === undefined || error.source === 'client') return
      throttle.offer(`${error.code} ${error.reason}`, (leftOut) => {
        const { requestId, operation, status, outcome } = record
        const fields = { requestId, operation, status, outcome, code: error.code, reason: error.reason, leftOut }
        logger.warn({ ...fields, err: error }, 'a request failed')
      })
    },
    fillMismatch(algorithm) {
      metrics.fillMismatch(algorithm)
      throttle.offer(`mismatch ${algorithm}`, (leftOut) =>
        logger.warn({ algorithm, leftOut }, 'S3 sent bytes that do not add up to the checksum of their object'),
      )
    },
    uncached: (message) => logger.error(`${message}; until then nothing is kept on disk and requests go to S3`),
    cached: () => logger.info('the cache directory can be used: objects are kept on disk from now on'),
    store: storeObserver(metrics, logger, throttle),
    upstream: (client) => observeUpstream(client, metrics),
  }
}

function storeObserver(metrics: Metrics, logger: Logger, throttle: ReturnType<typeof createThrottle>): StoreObserver {
  return {
    read: () => undefined,
    written: () => undefined,
    evicted: (tier) => metrics.cacheEvicted(tier),
    scrubbed: (bytes) => metrics.cacheScrubbed(bytes),
    corrupt(what) {
      metrics.cacheCorrupt()
      throttle.offer(`corrupt ${what}`, (leftOut) =>
        logger.warn({ what, leftOut }, 'something in the cache was unreadable and is removed'),
      )
    },
    volume({ isLow, freeBytes, floorBytes }) {
      if (isLow)
        logger.warn(
          { freeBytes, floorBytes },
          'the volume of cache.dir has less free than cache.min_free: nothing is stored',
        )
      else logger.info({ freeBytes, floorBytes }, 'the volume of cache.dir has enough free again')
    },
    failed(operation, error) {
      const why = error.cause instanceof Error ? `${error.message}: ${systemReason(error.cause)}` : error.message
      throttle.offer(`${operation} ${why}`, (leftOut) =>
        logger.warn(
          { operation, reason: error.reason, leftOut, err: error },
          `the cache failed (${why}); requests go to S3`,
        ),
      )
    },
  }
}
