import { expect, test } from 'vitest'
import { resolveUpstreamOptions, type UpstreamOptions } from './options.ts'

test('defaults', () => {
  expect(resolveUpstreamOptions()).toMatchObject({
    connectTimeoutMs: 10_000,
    firstByteTimeoutMs: 30_000,
    idleTimeoutMs: 30_000,
    keepAliveMs: 30_000,
    uploadKeepAliveMs: 4_000,
    dnsRefreshMs: 60_000,
    dnsServers: ['8.8.8.8', '8.8.4.4', '1.1.1.1', '1.0.0.1'],
  })
})

test('the result cannot be changed', () => {
  expect(Object.isFrozen(resolveUpstreamOptions({ ca: [] }))).toBe(true)
})

test.each<UpstreamOptions>([
  { connectTimeoutMs: 0 },
  { firstByteTimeoutMs: -1 },
  { idleTimeoutMs: 1.5 },
  { keepAliveMs: Number.NaN },
  { dnsRefreshMs: 2 ** 31 },
  { maxConnectionsPerAddress: 0 },
  { maxPools: 0 },
  { maxResponseHeadBytes: 10 },
])('%j is refused', (options) => {
  expect(() => resolveUpstreamOptions(options)).toThrow(RangeError)
})
