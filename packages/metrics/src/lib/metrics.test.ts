import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createMetrics, type Metrics, type ObservedRequest } from './metrics.ts'

const hit: ObservedRequest = {
  method: 'GET',
  operation: 'GetObject',
  status: 200,
  outcome: 'hit',
  reason: 'hit',
  totalMs: 3,
  turnaroundMs: 0.2,
  bytesFromCache: 100,
  bytesFromUpstream: 0,
}

function setUp(): Metrics {
  return createMetrics({ version: '1.2.3', processMetrics: false, now: () => 0 })
}

/** Samples by their line without the value. */
async function samples(metrics: Metrics): Promise<ReadonlyMap<string, number>> {
  const { body } = await metrics.exposition()
  return new Map(
    body
      .split('\n')
      .filter((line) => line !== '' && !line.startsWith('#'))
      .map((line) => {
        const space = line.lastIndexOf(' ')
        return [line.slice(0, space), Number(line.slice(space + 1))]
      }),
  )
}

test('a hit is counted once, with its time and its bytes', async () => {
  const metrics = setUp()
  metrics.observeRequest(hit)
  const seen = await samples(metrics)
  const labels = 'method="GET",operation="GetObject",status_class="2xx",outcome="hit"'
  expect(seen.get(`s3proxy_requests_total{${labels}}`)).toBe(1)
  expect(seen.get('s3proxy_request_duration_seconds_count{outcome="hit"}')).toBe(1)
  expect(seen.get('s3proxy_request_duration_seconds_sum{outcome="hit"}')).toBeCloseTo(0.003)
  expect(seen.get('s3proxy_request_duration_seconds_bucket{outcome="hit",le="0.0025"}')).toBe(0)
  expect(seen.get('s3proxy_request_duration_seconds_bucket{outcome="hit",le="0.005"}')).toBe(1)
  expect(seen.get('s3proxy_request_duration_seconds_bucket{outcome="hit",le="+Inf"}')).toBe(1)
  expect(seen.get('s3proxy_time_to_first_byte_seconds_sum{outcome="hit"}')).toBeCloseTo(0.0002)
  expect(seen.get('s3proxy_response_bytes_total{source="cache"}')).toBe(100)
  expect(seen.get('s3proxy_response_bytes_total{source="upstream"}')).toBe(0)
  expect([...seen.keys()].some((line) => line.startsWith('s3proxy_not_cached_total'))).toBe(false)
})

test('the memory budget is read when somebody looks', async () => {
  const metrics = setUp()
  metrics.watch({ memoryBudget: () => ({ maxBytes: 8, usedBytes: 3, peakBytes: 5, waiting: 2, rejected: 7 }) })
  const seen = await samples(metrics)
  expect([...seen].filter(([line]) => line.includes('budget'))).toEqual([
    ['s3proxy_memory_budget_bytes{state="limit"}', 8],
    ['s3proxy_memory_budget_bytes{state="used"}', 3],
    ['s3proxy_memory_budget_bytes{state="peak"}', 5],
    ['s3proxy_memory_budget_waiting', 2],
    ['s3proxy_memory_budget_rejected_total', 7],
  ])
  expect((await samples(metrics)).get('s3proxy_memory_budget_rejected_total')).toBe(7)
})

test('what the cache did not answer has a reason', async () => {
  const metrics = setUp()
  for (const outcome of ['miss', 'bypass', 'error', 'revalidated'] as const) {
    metrics.observeRequest({ ...hit, outcome, reason: `why-${outcome}`, turnaroundMs: undefined })
  }
  const seen = await samples(metrics)
  const reasons = [...seen].filter(([line]) => line.startsWith('s3proxy_not_cached_total'))
  expect(reasons).toEqual(
    ['miss', 'bypass', 'error'].map((outcome) => [`s3proxy_not_cached_total{reason="why-${outcome}"}`, 1]),
  )
  expect(seen.get('s3proxy_time_to_first_byte_seconds_count{outcome="miss"}')).toBeUndefined()
})

test('the other observers count what they are named for', async () => {
  const metrics = setUp()
  metrics.upstreamAnswered(404)
  metrics.upstreamFailed('GatewayTimeout')
  metrics.cacheEvicted('disk', 3)
  metrics.cacheEvicted('memory')
  metrics.cacheCorrupt()
  metrics.fillMismatch('crc32')
  metrics.cacheScrubbed(5)
  metrics.accessLogDropped(7)
  metrics.configReloaded('rejected')
  const seen = await samples(metrics)
  expect(seen.get('s3proxy_upstream_requests_total{status_class="4xx"}')).toBe(1)
  expect(seen.get('s3proxy_upstream_errors_total{code="GatewayTimeout"}')).toBe(1)
  expect(seen.get('s3proxy_cache_evictions_total{tier="disk"}')).toBe(3)
  expect(seen.get('s3proxy_cache_evictions_total{tier="memory"}')).toBe(1)
  expect(seen.get('s3proxy_cache_corrupt_total')).toBe(1)
  expect(seen.get('s3proxy_fill_mismatches_total{algorithm="crc32"}')).toBe(1)
  expect(seen.get('s3proxy_cache_scrubbed_bytes_total')).toBe(5)
  expect(seen.get('s3proxy_access_log_dropped_total')).toBe(7)
  expect(seen.get('s3proxy_config_reloads_total{result="rejected"}')).toBe(1)
})

test('gauges are read when somebody looks', async () => {
  const metrics = setUp()
  let inFlight = 1
  metrics.watch({ requestsInFlight: () => inFlight })
  metrics.watch({
    usage: () => ({ memoryBytes: 10, memoryEntries: 2, diskBytes: 30, volume: { freeBytes: 70, floorBytes: 5 } }),
  })
  inFlight = 5
  const seen = await samples(metrics)
  expect(seen.get('s3proxy_requests_in_flight')).toBe(5)
  expect(seen.get('s3proxy_cache_bytes{tier="memory"}')).toBe(10)
  expect(seen.get('s3proxy_cache_bytes{tier="disk"}')).toBe(30)
  expect(seen.get('s3proxy_cache_entries{tier="memory"}')).toBe(2)
  metrics.watch({
    usage: () => ({
      memoryBytes: 1,
      memoryEntries: 1,
      diskBytes: 1,
      shares: { pinnedBytes: 8, quotas: [{ name: 'a/**', usedBytes: 3, limitBytes: 9 }] },
    }),
  })
  const shared = await samples(metrics)
  expect(shared.get('s3proxy_cache_pinned_bytes')).toBe(8)
  expect(shared.get('s3proxy_cache_quota_bytes{rule="a/**",state="used"}')).toBe(3)
  expect(shared.get('s3proxy_cache_quota_bytes{rule="a/**",state="limit"}')).toBe(9)
  expect(seen.get('s3proxy_cache_volume_bytes{state="free"}')).toBe(70)
  expect(seen.get('s3proxy_cache_volume_bytes{state="floor"}')).toBe(5)
})

test('looking twice counts nothing twice', async () => {
  const metrics = setUp()
  metrics.observeRequest(hit)
  const first = await samples(metrics)
  expect(await samples(metrics)).toEqual(first)
  metrics.observeRequest(hit)
  expect((await samples(metrics)).get('s3proxy_request_duration_seconds_count{outcome="hit"}')).toBe(2)
})

test('the running version is named', async () => {
  const seen = await samples(setUp())
  expect(seen.get(`s3proxy_build_info{version="1.2.3",node="${process.version}"}`)).toBe(1)
})

test('the process is measured unless told otherwise', async () => {
  const { body } = await createMetrics({ version: '1' }).exposition()
  expect(body).toContain('process_resident_memory_bytes ')
  expect(body).toContain('nodejs_eventloop_lag_seconds ')
  expect((await setUp().exposition()).body).not.toContain('process_')
})

test('two proxies in one process share nothing', async () => {
  const [a, b] = [setUp(), setUp()]
  a.observeRequest(hit)
  expect((await samples(b)).get('s3proxy_response_bytes_total{source="cache"}')).toBe(0)
})

test('whatever is observed, the number of time series stays small and the text well-formed', async () => {
  const metrics = setUp()
  const record = fc.record({
    method: fc.oneof(fc.string(), fc.constantFrom('GET', 'HEAD')),
    operation: fc.string(),
    status: fc.integer({ min: -1, max: 1000 }),
    outcome: fc.constantFrom('hit', 'miss', 'revalidated', 'bypass', 'error' as const),
    reason: fc.string(),
    totalMs: fc.double(),
    turnaroundMs: fc.option(fc.double(), { nil: undefined }),
    bytesFromCache: fc.nat(),
    bytesFromUpstream: fc.nat(),
  })
  fc.assert(fc.property(record, (request) => metrics.observeRequest(request)))
  for (let i = 0; i < 1000; i += 1) metrics.upstreamFailed(`code-${i}`)
  const { body } = await metrics.exposition()
  const lines = body.split('\n').filter((line) => line !== '' && !line.startsWith('#'))
  for (const line of lines)
    expect(line).toMatch(/^[a-z0-9_]+(\{[a-z_]+="[^"\\\n]*"(,[a-z_]+="[^"\\\n]*")*\})? (\d[\d.e+-]*)$/)
  expect(lines.filter((line) => line.includes('code="'))).toHaveLength(65)
  expect(lines.filter((line) => line.includes('reason="')).length).toBeLessThanOrEqual(65)
})
