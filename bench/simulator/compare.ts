import { belady, boundOf, nextUses } from './belady.ts'
import { policies } from './policies.ts'
import { simulate } from './simulate.ts'
import { footprintBytes, haveEqualSizes, type Trace } from './trace.ts'

/** Hit ratio and byte hit ratio, 0 to 1. */
export interface Ratios {
  readonly hits: number
  readonly bytes: number
}

/** What every policy makes of a trace at one size of the cache. */
export interface Comparison {
  readonly capacityBytes: number
  /** The capacity as a share of all different objects. */
  readonly share: number
  /** By policy, in the order asked for. */
  readonly policies: Readonly<Record<string, Ratios>>
  /** A cache that knows the future: Belady's MIN. */
  readonly belady: Ratios
  /** No cache has more: MIN itself if all objects have one size, else PFOO-L. */
  readonly bound: Ratios
}

export interface CompareOptions {
  readonly policies: readonly string[]
  readonly capacities: readonly number[]
  readonly seed: number
  /** Told what comes next. */
  readonly onProgress: (policy: string, capacityBytes: number) => void
}

/** Runs a trace through every policy at every size. */
export function compare(trace: Trace, options: CompareOptions): readonly Comparison[] {
  const { seed, onProgress } = options
  const next = nextUses(trace)
  const equalSizes = haveEqualSizes(trace)
  const total = footprintBytes(trace)
  const requestedBytes = trace.objects.reduce((sum, object) => sum + (trace.sizes[object] ?? 0), 0)
  const ratios = ({ hits, hitBytes }: { readonly hits: number; readonly hitBytes: number }): Ratios => ({
    hits: hits / trace.objects.length,
    bytes: hitBytes / requestedBytes,
  })
  return options.capacities.map((capacityBytes) => {
    const results: Record<string, Ratios> = {}
    for (const name of options.policies) {
      const create = policies[name]
      if (create === undefined) throw new Error(`no policy ${name}; there are ${Object.keys(policies).join(', ')}`)
      onProgress(name, capacityBytes)
      results[name] = ratios(simulate(trace, create(seed), capacityBytes))
    }
    onProgress('belady', capacityBytes)
    const optimal = ratios(belady(trace, capacityBytes, next))
    const bound = equalSizes ? optimal : ratios(boundOf(trace, capacityBytes, next))
    return { capacityBytes, share: capacityBytes / total, policies: results, belady: optimal, bound }
  })
}
