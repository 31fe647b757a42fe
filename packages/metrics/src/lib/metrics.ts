import { collectDefaultMetrics, Gauge, Registry } from 'prom-client'
import { createCounter, createGauge, createHistogram, createReadCounter } from './collectors.ts'
import { instruments } from './instruments.ts'
import { statusClass } from './labels.ts'
import type { ProcessNumbers } from './merge.ts'
import { formatSnapshot, type MetricsSnapshot } from './snapshot.ts'

/** What became of a request, as far as the metrics care. A `RequestRecord` of the gateway is one. */
export interface ObservedRequest {
  readonly method: string
  /** S3 API name. */
  readonly operation: string
  /** 100 to 599, or 0 when the client left before there was one. */
  readonly status: number
  readonly outcome: 'hit' | 'miss' | 'revalidated' | 'bypass' | 'error'
  /** A short, closed word: why the outcome is what it is. */
  readonly reason: string
  readonly totalMs: number
  readonly turnaroundMs: number | undefined
  readonly bytesFromCache: number
  readonly bytesFromUpstream: number
}

/** Where the cached bytes live. */
export type CacheTier = 'memory' | 'disk'

/** Numbers that are read when somebody looks. All are optional and must be cheap. */
export interface Gauges {
  /** Requests being served now. */
  readonly requestsInFlight?: () => number
  /** Processes that take requests. Default 1. */
  readonly workers?: () => number
  /** How full the tiers are (`CacheStore.usage`). */
  readonly usage?: () => CacheUsage
  readonly memoryBudget?: () => BudgetUsage
}

/** How full the cache is, in bytes and counts. */
export interface CacheUsage {
  readonly memoryBytes: number
  readonly memoryEntries: number
  readonly diskBytes: number
  /** What shares of the disk tier take, if there are any. */
  readonly shares?:
    | {
        readonly pinnedBytes: number
        readonly quotas: readonly { readonly name: string; readonly usedBytes: number; readonly limitBytes: number }[]
      }
    | undefined
  /** The volume of the disk tier, as far as is known. */
  readonly volume?: { readonly freeBytes: number; readonly floorBytes: number } | undefined
}

/** How much of the budget for in-flight buffers is used. */
export interface BudgetUsage {
  readonly maxBytes: number
  readonly usedBytes: number
  readonly peakBytes: number
  readonly waiting: number
  readonly rejected: number
}

/** What {@link createMetrics} can be told. */
export interface MetricsOptions {
  /** Version in `s3proxy_build_info`. */
  readonly version: string
  /** Whether to measure the process too (CPU, memory, event loop, garbage collection). Default true. */
  readonly processMetrics?: boolean
  /** Milliseconds since the epoch, for the snapshot. Default: the system's clock. */
  readonly now?: () => number
}

/** A page for a monitoring system. */
export interface Exposition {
  readonly contentType: string
  readonly body: string
}

/**
 * Every instrument of one proxy. The observers are synchronous and cheap enough for the path of a hit; all numbers are
 * put into form only when `exposition` or `snapshot` is called.
 */
export interface Metrics {
  /** One finished request. */
  observeRequest(request: ObservedRequest): void
  /** The head of a store's answer arrived; `status` 100 to 599. */
  upstreamAnswered(status: number): void
  /** A request to a store failed; `code` is a `ProxyError` code. */
  upstreamFailed(code: string): void
  /** `count` entries had to make room in `tier`. Default 1. */
  cacheEvicted(tier: CacheTier, count?: number): void
  /** `count` blocks or records failed verification. Default 1. */
  cacheCorrupt(count?: number): void
  /** `bytes` of the disk tier were read against their checksums in the background. */
  cacheScrubbed(bytes: number): void
  /** The bytes of an object from S3 did not add up to its checksum. */
  fillMismatch(algorithm: string): void
  /** `count` lines of the access log were lost. Default 1. */
  accessLogDropped(count?: number): void
  /** The configuration was read again; `result`: `current`, `restart-needed` or `rejected`. */
  configReloaded(result: string): void
  /** A worker process ended unasked. */
  workerExited(): void
  /** Names the places where current values are read. Later calls add to and override earlier ones. */
  watch(gauges: Gauges): void
  /** All numbers as they stand, to be put together with those of others. */
  collect(): Promise<ProcessNumbers>
  /** Prometheus text format 0.0.4. */
  exposition(): Promise<Exposition>
  /** The same numbers for people and dashboards, percentiles worked out. */
  snapshot(): Promise<MetricsSnapshot>
}

/** Makes the instruments in a registry of their own: two proxies in one process share nothing. */
export function createMetrics(options: MetricsOptions): Metrics {
  const now = options.now ?? Date.now
  const startedAt = now()
  const registry = new Registry()
  if (options.processMetrics ?? true) collectDefaultMetrics({ register: registry })
  new Gauge({
    name: 's3proxy_build_info',
    help: 'Always 1; the labels say what is running.',
    labelNames: ['version', 'node'],
    aggregator: 'first',
    registers: [registry],
  }).set({ version: options.version, node: process.version }, 1)

  const requests = createCounter(registry, instruments.requests)
  const notCached = createCounter(registry, instruments.notCached)
  const duration = createHistogram(registry, instruments.duration)
  const firstByte = createHistogram(registry, instruments.firstByte)
  const responseBytes = createCounter(registry, instruments.responseBytes)
  const fromCache = responseBytes.at('cache')
  const fromUpstream = responseBytes.at('upstream')
  const upstreamRequests = createCounter(registry, instruments.upstreamRequests)
  const upstreamErrors = createCounter(registry, instruments.upstreamErrors)
  const evictions = createCounter(registry, instruments.cacheEvictions)
  const corrupt = createCounter(registry, instruments.cacheCorrupt).at()
  const scrubbed = createCounter(registry, instruments.cacheScrubbed).at()
  const mismatches = createCounter(registry, instruments.fillMismatches)
  const dropped = createCounter(registry, instruments.accessLogDropped).at()
  const reloads = createCounter(registry, instruments.configReloads)
  const workerExits = createCounter(registry, instruments.workerExits).at()

  let gauges: Gauges = {}
  createGauge(registry, instruments.inFlight, (set) => set({}, gauges.requestsInFlight?.() ?? 0))
  createGauge(registry, instruments.workers, (set) => set({}, gauges.workers?.() ?? 1))
  createGauge(registry, instruments.cacheBytes, (set) => {
    const usage = gauges.usage?.()
    set({ tier: 'memory' }, usage?.memoryBytes ?? 0)
    set({ tier: 'disk' }, usage?.diskBytes ?? 0)
  })
  createGauge(registry, instruments.volumeBytes, (set) => {
    const volume = gauges.usage?.().volume
    if (volume === undefined) return
    set({ state: 'free' }, volume.freeBytes)
    set({ state: 'floor' }, volume.floorBytes)
  })
  createGauge(registry, instruments.pinnedBytes, (set) => set({}, gauges.usage?.().shares?.pinnedBytes ?? 0))
  createGauge(registry, instruments.quotaBytes, (set) => {
    for (const { name, usedBytes, limitBytes } of gauges.usage?.().shares?.quotas ?? []) {
      set({ rule: name, state: 'used' }, usedBytes)
      set({ rule: name, state: 'limit' }, limitBytes)
    }
  })
  createGauge(registry, instruments.cacheEntries, (set) => {
    set({ tier: 'memory' }, gauges.usage?.().memoryEntries ?? 0)
  })

  createGauge(registry, instruments.budgetBytes, (set) => {
    const budget = gauges.memoryBudget?.()
    set({ state: 'limit' }, budget?.maxBytes ?? 0)
    set({ state: 'used' }, budget?.usedBytes ?? 0)
    set({ state: 'peak' }, budget?.peakBytes ?? 0)
  })
  createGauge(registry, instruments.budgetWaiting, (set) => set({}, gauges.memoryBudget?.().waiting ?? 0))
  createReadCounter(registry, instruments.budgetRejected, () => gauges.memoryBudget?.().rejected ?? 0)

  return {
    observeRequest(request) {
      const { outcome } = request
      requests.at(request.method, request.operation, statusClass(request.status), outcome).value += 1
      if (outcome !== 'hit' && outcome !== 'revalidated') notCached.at(request.reason).value += 1
      duration.observe(outcome, request.totalMs / 1000)
      if (request.turnaroundMs !== undefined) firstByte.observe(outcome, request.turnaroundMs / 1000)
      fromCache.value += request.bytesFromCache
      fromUpstream.value += request.bytesFromUpstream
    },
    upstreamAnswered(status) {
      upstreamRequests.at(statusClass(status)).value += 1
    },
    upstreamFailed(code) {
      upstreamErrors.at(code).value += 1
    },
    cacheEvicted(tier, count = 1) {
      evictions.at(tier).value += count
    },
    cacheCorrupt(count = 1) {
      corrupt.value += count
    },
    cacheScrubbed(bytes) {
      scrubbed.value += bytes
    },
    fillMismatch(algorithm) {
      mismatches.at(algorithm).value += 1
    },
    accessLogDropped(count = 1) {
      dropped.value += count
    },
    configReloaded(result) {
      reloads.at(result).value += 1
    },
    workerExited() {
      workerExits.value += 1
    },
    watch(added) {
      gauges = { ...gauges, ...added }
    },
    collect: () => registry.getMetricsAsJSON(),
    async exposition() {
      return { contentType: registry.contentType, body: await registry.metrics() }
    },
    async snapshot() {
      const takenAt = now()
      return formatSnapshot({
        takenAt,
        uptimeMs: takenAt - startedAt,
        metrics: await registry.getMetricsAsJSON(),
      })
    },
  }
}
