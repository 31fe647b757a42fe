import { expect, test } from 'vitest'
import { createMetrics } from './metrics.ts'
import { quantile } from './snapshot.ts'

test('the snapshot has every number, and percentiles', async () => {
  let now = Date.UTC(2026, 0, 1)
  const metrics = createMetrics({ version: '1', processMetrics: false, now: () => now })
  now += 61_500
  for (let i = 0; i < 100; i += 1) {
    metrics.observeRequest({
      method: 'GET',
      operation: 'GetObject',
      status: 200,
      outcome: 'hit',
      reason: 'hit',
      totalMs: i < 90 ? 2 : 40,
      turnaroundMs: undefined,
      bytesFromCache: 1,
      bytesFromUpstream: 0,
    })
  }
  const snapshot = await metrics.snapshot()
  expect(snapshot.takenAt).toBe('2026-01-01T00:01:01.500Z')
  expect(snapshot.uptimeSeconds).toBe(61.5)
  expect(snapshot.metrics['s3proxy_response_bytes_total']).toEqual([
    { labels: { source: 'cache' }, value: 100 },
    { labels: { source: 'upstream' }, value: 0 },
  ])
  expect(snapshot.metrics['s3proxy_request_duration_seconds']).toEqual([
    {
      labels: { outcome: 'hit' },
      count: 100,
      sum: expect.closeTo(0.58),
      p50: expect.closeTo(0.001 + 0.0015 * (50 / 90)),
      p90: expect.closeTo(0.0025),
      p99: expect.closeTo(0.025 + 0.025 * 0.9),
    },
  ])
  expect(JSON.parse(JSON.stringify(snapshot))).toEqual(snapshot)
})

test.each([
  [[], 0.5, null],
  [[{ bound: 1, count: 0 }], 0.5, null],
  [
    [
      { bound: 1, count: 0 },
      { bound: Number.POSITIVE_INFINITY, count: 5 },
    ],
    0.5,
    1,
  ],
  [
    [
      { bound: 1, count: 2 },
      { bound: 2, count: 4 },
    ],
    1,
    2,
  ],
])('of %j the quantile %d is %s', (buckets, q, expected) => {
  expect(quantile(buckets, q)).toBe(expected)
})
