import { createHeap } from './heap.ts'
import type { Outcome } from './simulate.ts'
import type { Trace } from './trace.ts'

/** For each request, the next one for the same object; `Infinity` if there is none. */
export function nextUses({ objects, sizes }: Trace): Float64Array {
  const next = new Float64Array(objects.length)
  const seen = new Float64Array(sizes.length).fill(Number.POSITIVE_INFINITY)
  for (let request = objects.length - 1; request >= 0; request--) {
    const object = objects[request] ?? 0
    next[request] = seen[object] ?? 0
    seen[object] = request
  }
  return next
}

/**
 * Belady's MIN: whoever knows the future keeps what is used soonest; what has just been fetched may be what leaves. With equal sizes
 * no cache has more hits. With different sizes it is only a cache that knows the future: see {@link boundOf}.
 */
export function belady(trace: Trace, capacityBytes: number, next: Float64Array = nextUses(trace)): Outcome {
  const { objects, sizes } = trace
  /** When each held object is used next; -1: not held. */
  const heldUntil = new Float64Array(sizes.length).fill(-1)
  /** Objects by next use, the latest first; those that have been used or have left since are passed over. */
  const latest = createHeap()
  let usedBytes = 0
  let hits = 0
  let bytes = 0
  let hitBytes = 0
  for (let request = 0; request < objects.length; request++) {
    const object = objects[request] ?? 0
    const size = sizes[object] ?? 0
    const until = next[request] ?? Number.POSITIVE_INFINITY
    bytes += size
    if (heldUntil[object] !== -1) {
      hits++
      hitBytes += size
    } else {
      if (size > capacityBytes) continue
      usedBytes += size
    }
    heldUntil[object] = until
    latest.push(until, object)
    while (usedBytes > capacityBytes) {
      const { priority, item } = latest.pop()
      if (heldUntil[item] !== priority) continue
      heldUntil[item] = -1
      usedBytes -= sizes[item] ?? 0
    }
  }
  return { requests: objects.length, hits, bytes, hitBytes }
}

/**
 * No cache, whatever it knows, has more than this: PFOO-L (Berger, Beckmann, Harchol-Balter: "Practical Bounds on Optimal Caching with
 * Variable Object Sizes", SIGMETRICS 2018). To answer a request from the cache, an object's bytes must be there from the request
 * before on: so many bytes times so many requests. The cheapest such stays are bought with what the cache has of both in all,
 * capacity times requests, although they need not fit in side by side. Hits and bytes are bounded one by one.
 */
export function boundOf(
  trace: Trace,
  capacityBytes: number,
  next: Float64Array = nextUses(trace),
): { readonly hits: number; readonly hitBytes: number } {
  const { objects, sizes } = trace
  const stays: number[] = []
  for (let request = 0; request < objects.length; request++) {
    if (next[request] !== Number.POSITIVE_INFINITY && sizeAt(request) <= capacityBytes) stays.push(request)
  }
  function sizeAt(request: number): number {
    return sizes[objects[request] ?? 0] ?? 0
  }
  const length = (request: number): number => (next[request] ?? 0) - request
  const buy = (order: (request: number) => number, gain: (request: number) => number): number => {
    const keys = Float64Array.from(stays, order)
    const sorted = Uint32Array.from(stays.keys()).sort((a, b) => (keys[a] ?? 0) - (keys[b] ?? 0))
    let budget = capacityBytes * objects.length
    let gained = 0
    for (const index of sorted) {
      const request = stays[index] ?? 0
      const cost = sizeAt(request) * length(request)
      if (cost > budget) return gained + (gain(request) * budget) / cost
      budget -= cost
      gained += gain(request)
    }
    return gained
  }
  return {
    hits: Math.floor(
      buy(
        (request) => sizeAt(request) * length(request),
        () => 1,
      ) + 1e-9,
    ),
    hitBytes: buy(length, sizeAt),
  }
}
