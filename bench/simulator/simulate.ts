import type { Eviction, Ticket } from '@s3proxy/cache-store/memory'
import type { Trace } from './trace.ts'

/** What a cache made of a trace. */
export interface Outcome {
  readonly requests: number
  readonly hits: number
  readonly bytes: number
  readonly hitBytes: number
}

/** Runs `trace` through a cache of `capacityBytes` that starts empty. What is larger than the cache passes by. */
export function simulate(trace: Trace, eviction: Eviction<number>, capacityBytes: number): Outcome {
  const { objects, sizes } = trace
  const tickets = new Array<Ticket<number> | undefined>(sizes.length).fill(undefined)
  let usedBytes = 0
  let hits = 0
  let bytes = 0
  let hitBytes = 0
  for (const object of objects) {
    const size = sizes[object] ?? 0
    const ticket = tickets[object]
    bytes += size
    if (ticket !== undefined) {
      hits++
      hitBytes += size
      eviction.hit(ticket)
      continue
    }
    if (size > capacityBytes) continue
    while (usedBytes + size > capacityBytes) {
      const victim = eviction.evict(size, capacityBytes)
      if (victim === undefined) throw new Error('the policy has nothing to evict, but the cache is full')
      tickets[victim] = undefined
      usedBytes -= sizes[victim] ?? 0
    }
    tickets[object] = eviction.add(object, identities(object), size)
    usedBytes += size
  }
  return { requests: objects.length, hits, bytes, hitBytes }
}

const known: string[] = []

/** Names of objects, made once. */
function identities(object: number): string {
  known[object] ??= `object-${object}`
  return known[object]
}
