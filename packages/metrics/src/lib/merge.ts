import { AggregatorRegistry, type MetricObjectWithValues, type MetricValue, type Registry } from 'prom-client'
import { instruments } from './instruments.ts'
import type { Exposition } from './metrics.ts'
import { formatSnapshot, type MetricsSnapshot } from './snapshot.ts'

/** All numbers of one process at one moment; plain data. */
export type ProcessNumbers = readonly MetricObjectWithValues<MetricValue<string>>[]

/** Counters and histograms of `numbers`: what has happened stays, also when the process has gone. */
export function pastOf(numbers: ProcessNumbers): ProcessNumbers {
  return numbers.filter(({ type }) => ['counter', 'histogram'].includes(String(type)))
}

/**
 * The numbers of several processes as those of one proxy: counters, histograms and gauges added up, what all share
 * counted once, averages of what cannot be added.
 */
export async function mergeNumbers(all: readonly ProcessNumbers[]): Promise<ProcessNumbers> {
  return await registryOf(all).getMetricsAsJSON()
}

/** {@link mergeNumbers} in Prometheus text format 0.0.4. */
export async function mergedExposition(all: readonly ProcessNumbers[]): Promise<Exposition> {
  const registry = registryOf(all)
  return { contentType: registry.contentType, body: await registry.metrics() }
}

/** {@link mergeNumbers} in the form of `Metrics.snapshot`. */
export async function mergedSnapshot(
  all: readonly ProcessNumbers[],
  times: { readonly takenAt: number; readonly uptimeMs: number },
): Promise<MetricsSnapshot> {
  return formatSnapshot({ ...times, metrics: [...(await mergeNumbers(all))] })
}

function registryOf(all: readonly ProcessNumbers[]): Registry {
  const counted = countOnce(all).map((numbers) => [...numbers])
  // The library's types ask for an array of arrays of one metric each.
  return AggregatorRegistry.aggregate(counted as unknown as object[])
}

const shared = new Map(
  Object.values(instruments).flatMap((instrument) =>
    'shared' in instrument ? [[instrument.name as string, instrument.shared as Readonly<Record<string, string>>]] : [],
  ),
)

/** Leaves of each shared value the largest; the others become 0, so that the sum is right. */
function countOnce(all: readonly ProcessNumbers[]): readonly ProcessNumbers[] {
  const largest = new Map<string, number>()
  for (const metric of all.flat()) {
    for (const value of sharedValues(metric)) {
      const id = identify(metric.name, value)
      largest.set(id, Math.max(largest.get(id) ?? Number.NEGATIVE_INFINITY, value.value))
    }
  }
  const take = (id: string): number => {
    const value = largest.get(id) ?? 0
    largest.set(id, 0)
    return value
  }
  return all.map((numbers) =>
    numbers.map((metric) => {
      const some = new Set(sharedValues(metric))
      if (some.size === 0) return metric
      const values = metric.values.map((value) =>
        some.has(value) ? { ...value, value: take(identify(metric.name, value)) } : value,
      )
      return { ...metric, values }
    }),
  )
}

function sharedValues({ name, values }: ProcessNumbers[number]): readonly MetricValue<string>[] {
  const labels = shared.get(name)
  if (labels === undefined) return []
  return values.filter((value) => Object.entries(labels).every(([label, wanted]) => value.labels[label] === wanted))
}

function identify(name: string, { labels }: MetricValue<string>): string {
  return `${name} ${JSON.stringify(labels)}`
}
