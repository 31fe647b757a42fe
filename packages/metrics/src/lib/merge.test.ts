import { expect, test } from 'vitest'
import { mergedExposition, mergedSnapshot, pastOf } from './merge.ts'
import { createMetrics, type Metrics } from './metrics.ts'

function requestOf(totalMs: number) {
  return {
    method: 'GET',
    operation: 'GetObject',
    status: 200,
    outcome: 'hit' as const,
    reason: '-',
    totalMs,
    turnaroundMs: 1,
    bytesFromCache: 10,
    bytesFromUpstream: 0,
  }
}

function worker(usage: { memoryBytes: number; diskBytes: number }, requests: number): Metrics {
  const metrics = createMetrics({ version: '1', processMetrics: false })
  metrics.watch({ requestsInFlight: () => 2, usage: () => ({ ...usage, memoryEntries: 3 }) })
  for (let i = 0; i < requests; i++) metrics.observeRequest(requestOf(2 ** i))
  return metrics
}

test('numbers of several processes become those of one, the shared disk counted once', async () => {
  const all = [
    await worker({ memoryBytes: 100, diskBytes: 5000 }, 2).collect(),
    await worker({ memoryBytes: 50, diskBytes: 5100 }, 3).collect(),
  ]
  const { body } = await mergedExposition(all)
  expect(body.split('\n')).toEqual(
    expect.arrayContaining([
      's3proxy_requests_total{method="GET",operation="GetObject",status_class="2xx",outcome="hit"} 5',
      's3proxy_request_duration_seconds_bucket{outcome="hit",le="0.0025"} 4',
      's3proxy_request_duration_seconds_count{outcome="hit"} 5',
      's3proxy_response_bytes_total{source="cache"} 50',
      's3proxy_requests_in_flight 4',
      's3proxy_cache_bytes{tier="memory"} 150',
      's3proxy_cache_bytes{tier="disk"} 5100',
      's3proxy_cache_entries{tier="memory"} 6',
      's3proxy_workers 1',
      `s3proxy_build_info{version="1",node="${process.version}"} 1`,
    ]),
  )
  const snapshot = await mergedSnapshot(all, { takenAt: 0, uptimeMs: 1000 })
  expect(snapshot.metrics['s3proxy_request_duration_seconds']?.[0]).toMatchObject({ count: 5 })
})

test('of a process that has gone, what it counted stays and what it held does not', async () => {
  const gone = pastOf(await worker({ memoryBytes: 100, diskBytes: 0 }, 2).collect())
  const { body } = await mergedExposition([gone, await worker({ memoryBytes: 7, diskBytes: 0 }, 1).collect()])
  expect(body).toContain('outcome="hit"} 3')
  expect(body).toContain('s3proxy_cache_bytes{tier="memory"} 7')
})
