import type { MetricObjectWithValues, MetricValue } from 'prom-client'

/** One value of a counter or gauge. */
export interface SnapshotValue {
  readonly labels: Readonly<Record<string, string | number>>
  readonly value: number
}

/** One label set of a histogram. Percentiles are estimated within their bucket; null without observations. */
export interface SnapshotDistribution {
  readonly labels: Readonly<Record<string, string | number>>
  readonly count: number
  readonly sum: number
  readonly p50: number | null
  readonly p90: number | null
  readonly p99: number | null
}

/** All numbers at one moment, as JSON. */
export interface MetricsSnapshot {
  /** ISO 8601, UTC. */
  readonly takenAt: string
  readonly uptimeSeconds: number
  /** By name. Units are in the names. */
  readonly metrics: Readonly<Record<string, readonly (SnapshotValue | SnapshotDistribution)[]>>
}

/** What {@link formatSnapshot} needs. */
export interface SnapshotInput {
  /** Milliseconds since the epoch. */
  readonly takenAt: number
  readonly uptimeMs: number
  readonly metrics: readonly MetricObjectWithValues<MetricValue<string>>[]
}

/** The registry's values in the form of {@link MetricsSnapshot}. */
export function formatSnapshot(input: SnapshotInput): MetricsSnapshot {
  const metrics: Record<string, readonly (SnapshotValue | SnapshotDistribution)[]> = {}
  for (const metric of input.metrics) {
    const buckets = metric.values.some((value) => 'le' in value.labels)
    metrics[metric.name] = buckets
      ? distributions(metric.values)
      : metric.values.map(({ labels, value }) => ({ labels: definedLabels(labels), value }))
  }
  return { takenAt: new Date(input.takenAt).toISOString(), uptimeSeconds: input.uptimeMs / 1000, metrics }
}

interface Bucket {
  readonly bound: number
  /** Observations up to `bound`. */
  readonly count: number
}

function distributions(values: readonly MetricValue<string>[]): SnapshotDistribution[] {
  const groups = new Map<string, { labels: Record<string, string | number>; buckets: Bucket[]; sum: number }>()
  for (const entry of values) {
    const { le, ...labels } = definedLabels(entry.labels)
    const id = JSON.stringify(labels)
    const group = groups.get(id) ?? { labels, buckets: [], sum: 0 }
    groups.set(id, group)
    if (le !== undefined) group.buckets.push({ bound: le === '+Inf' ? Infinity : Number(le), count: entry.value })
    else if ('metricName' in entry && String(entry.metricName).endsWith('_sum')) group.sum = entry.value
  }
  return [...groups.values()].map(({ labels, buckets, sum }) => ({
    labels,
    count: buckets.at(-1)?.count ?? 0,
    sum,
    p50: quantile(buckets, 0.5),
    p90: quantile(buckets, 0.9),
    p99: quantile(buckets, 0.99),
  }))
}

/**
 * The value below which the share `q` of the observations lies, by linear interpolation within its bucket (as
 * `histogram_quantile` of Prometheus does); beyond the last bound, that bound; null without observations.
 */
export function quantile(buckets: readonly Bucket[], q: number): number | null {
  const total = buckets.at(-1)?.count ?? 0
  if (total === 0) return null
  const rank = q * total
  let below = 0
  let lower = 0
  for (const { bound, count } of buckets) {
    if (count >= rank && count > below) {
      return bound === Infinity ? lower : lower + (bound - lower) * ((rank - below) / (count - below))
    }
    below = count
    lower = bound
  }
  return lower
}

function definedLabels(labels: Partial<Record<string, string | number>>): Record<string, string | number> {
  const defined: Record<string, string | number> = {}
  for (const [name, value] of Object.entries(labels)) if (value !== undefined) defined[name] = value
  return defined
}
