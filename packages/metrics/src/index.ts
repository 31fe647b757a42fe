export { durationBuckets, type Instrument, instruments } from './lib/instruments.ts'
export { mergedExposition, mergedSnapshot, mergeNumbers, type ProcessNumbers, pastOf } from './lib/merge.ts'
export {
  type CacheTier,
  createMetrics,
  type Exposition,
  type Gauges,
  type Metrics,
  type MetricsOptions,
  type ObservedRequest,
} from './lib/metrics.ts'
export type { MetricsSnapshot, SnapshotDistribution, SnapshotValue } from './lib/snapshot.ts'
