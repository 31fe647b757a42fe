import { closedLabel, type LabelRule, wordLabel } from './labels.ts'

/** One row of {@link instruments}. */
export interface Instrument {
  readonly kind: 'counter' | 'gauge' | 'histogram'
  readonly name: string
  readonly help: string
  /** Name of each label and how its values are bounded, in the order observers give them. */
  readonly labels: Readonly<Record<string, () => LabelRule>>
  /** For gauges: labels of values that all processes of one proxy share, so that they are not added up; `{}`: of all its values. */
  readonly shared?: Readonly<Record<string, string>>
}

const method = () => closedLabel(['GET', 'HEAD', 'PUT', 'POST', 'DELETE', 'OPTIONS'])
const outcome = () => closedLabel(['hit', 'miss', 'revalidated', 'bypass', 'error'])
const statusClassLabel = () => closedLabel(['none', '1xx', '2xx', '3xx', '4xx', '5xx'])
const algorithm = () => closedLabel(['sha256', 'crc64nvme', 'sha1', 'crc32c', 'crc32', 'md5'])
const tier = () => closedLabel(['memory', 'disk'])
/** S3 has about 120 operations. */
const operation = () => wordLabel(160)
const word = () => wordLabel(64)

/**
 * Every instrument of the proxy, each once. Base units (seconds, bytes) and the naming rules of Prometheus
 * (https://prometheus.io/docs/practices/naming/). `README.md` lists the same rows; a test keeps the two equal.
 */
export const instruments = {
  requests: {
    kind: 'counter',
    name: 's3proxy_requests_total',
    help: 'Finished client requests.',
    labels: { method, operation, status_class: statusClassLabel, outcome },
  },
  notCached: {
    kind: 'counter',
    name: 's3proxy_not_cached_total',
    help: 'Requests that the cache did not answer (miss, bypass, error), by reason.',
    labels: { reason: word },
  },
  duration: {
    kind: 'histogram',
    name: 's3proxy_request_duration_seconds',
    help: 'From the arrival of the head of a request to the last byte of its answer.',
    labels: { outcome },
  },
  firstByte: {
    kind: 'histogram',
    name: 's3proxy_time_to_first_byte_seconds',
    help: 'From the end of a request to the first byte of its answer.',
    labels: { outcome },
  },
  responseBytes: {
    kind: 'counter',
    name: 's3proxy_response_bytes_total',
    help: 'Body bytes sent to clients, by where they came from.',
    labels: { source: () => closedLabel(['cache', 'upstream']) },
  },
  inFlight: {
    kind: 'gauge',
    name: 's3proxy_requests_in_flight',
    help: 'Client requests being served now.',
    labels: {},
  },
  budgetBytes: {
    kind: 'gauge',
    name: 's3proxy_memory_budget_bytes',
    help: 'Bytes in buffers between stores, disk and clients: the limit, in use now, the most ever in use.',
    labels: { state: () => closedLabel(['limit', 'used', 'peak']) },
  },
  budgetWaiting: {
    kind: 'gauge',
    name: 's3proxy_memory_budget_waiting',
    help: 'Requests waiting for memory.',
    labels: {},
  },
  budgetRejected: {
    kind: 'counter',
    name: 's3proxy_memory_budget_rejected_total',
    help: 'Requests answered 503 SlowDown because there was no memory in time.',
    labels: {},
  },
  upstreamRequests: {
    kind: 'counter',
    name: 's3proxy_upstream_requests_total',
    help: 'Answers of the stores.',
    labels: { status_class: statusClassLabel },
  },
  upstreamErrors: {
    kind: 'counter',
    name: 's3proxy_upstream_errors_total',
    help: 'Requests to the stores that ended without a complete answer.',
    labels: { code: word },
  },
  cacheBytes: {
    kind: 'gauge',
    name: 's3proxy_cache_bytes',
    help: 'Bytes held by the cache.',
    labels: { tier },
    shared: { tier: 'disk' },
  },
  volumeBytes: {
    kind: 'gauge',
    name: 's3proxy_cache_volume_bytes',
    help: 'Of the volume of the cache directory: bytes free, and those that are to stay free (cache.min_free).',
    labels: { state: () => closedLabel(['free', 'floor']) },
    shared: {},
  },
  pinnedBytes: {
    kind: 'gauge',
    name: 's3proxy_cache_pinned_bytes',
    help: 'Bytes on disk of objects that stay when room is made (pin).',
    labels: {},
    shared: {},
  },
  quotaBytes: {
    kind: 'gauge',
    name: 's3proxy_cache_quota_bytes',
    help: 'Bytes on disk under each quota that has been used, by the pattern of its rule: in use, and the limit.',
    labels: { rule: word, state: () => closedLabel(['used', 'limit']) },
    shared: {},
  },
  cacheEntries: {
    kind: 'gauge',
    name: 's3proxy_cache_entries',
    help: 'Objects held by the memory tier. The disk tier has no index to count.',
    labels: { tier },
  },
  cacheEvictions: {
    kind: 'counter',
    name: 's3proxy_cache_evictions_total',
    help: 'Entries removed to make room.',
    labels: { tier },
  },
  cacheCorrupt: {
    kind: 'counter',
    name: 's3proxy_cache_corrupt_total',
    help: 'Cached blocks or records that failed verification and were removed.',
    labels: {},
  },
  cacheScrubbed: {
    kind: 'counter',
    name: 's3proxy_cache_scrubbed_bytes_total',
    help: 'Bytes on disk that were read against their checksums in the background.',
    labels: {},
  },
  fillMismatches: {
    kind: 'counter',
    name: 's3proxy_fill_mismatches_total',
    help: 'Objects whose bytes, as S3 sent them, did not add up to the checksum it gave; not stored.',
    labels: { algorithm },
  },
  workers: {
    kind: 'gauge',
    name: 's3proxy_workers',
    help: 'Processes that take requests.',
    labels: {},
    shared: {},
  },
  workerExits: {
    kind: 'counter',
    name: 's3proxy_worker_exits_total',
    help: 'Worker processes that ended without having been asked to, and were replaced.',
    labels: {},
  },
  configReloads: {
    kind: 'counter',
    name: 's3proxy_config_reloads_total',
    help: 'How often the configuration was read again, by what became of it.',
    labels: { result: () => closedLabel(['current', 'restart-needed', 'rejected']) },
  },
  accessLogDropped: {
    kind: 'counter',
    name: 's3proxy_access_log_dropped_total',
    help: 'Lines of the access log that could not be kept.',
    labels: {},
  },
} as const satisfies Record<string, Instrument>

/**
 * Upper bounds of the duration buckets, seconds: a hit from memory takes some 50 µs, a large object over a slow line
 * minutes.
 */
export const durationBuckets: readonly number[] = [
  0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300,
]
