/** Several measurements of one thing. */
export interface Spread {
  readonly median: number
  readonly min: number
  readonly max: number
}

/** The value below which `fraction` (0 to 1) of `sorted` lies, by nearest rank; NaN of nothing. */
export function percentile(sorted: readonly number[], fraction: number): number {
  const rank = Math.ceil(sorted.length * fraction)
  return sorted[Math.max(0, rank - 1)] ?? Number.NaN
}

/** Median and extremes; values that are no numbers are left out. */
export function spreadOf(values: readonly number[]): Spread {
  const sorted = values.filter((value) => !Number.isNaN(value)).sort((a, b) => a - b)
  const [low, high] = [sorted[(sorted.length - 1) >> 1], sorted[sorted.length >> 1]]
  const median = low === undefined || high === undefined ? Number.NaN : (low + high) / 2
  return { median, min: sorted[0] ?? Number.NaN, max: sorted.at(-1) ?? Number.NaN }
}

/** p50, p95 and p99 of unsorted values. */
export interface Percentiles {
  readonly count: number
  readonly p50: number
  readonly p95: number
  readonly p99: number
}

/** Sums up unsorted values. */
export function percentilesOf(values: readonly number[]): Percentiles {
  const sorted = [...values].sort((a, b) => a - b)
  return {
    count: sorted.length,
    p50: percentile(sorted, 0.5),
    p95: percentile(sorted, 0.95),
    p99: percentile(sorted, 0.99),
  }
}
