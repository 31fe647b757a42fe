import { type ByteRange, containsRange, intersectRanges } from '@s3proxy/protocol'
import type { Extent } from './cache-store.ts'

/** One step of an answer: bytes out of an extent, or bytes nobody has. */
export type Segment =
  | { readonly kind: 'held'; readonly extent: Extent; readonly range: ByteRange }
  | { readonly kind: 'gap'; readonly range: ByteRange }

/** The steps of an answer: in order, touching, together exactly the wanted range. Empty for an empty range. */
export type Plan = readonly Segment[]

/**
 * Splits `wanted` into what `extents` hold and the gaps between. At each position an extent in memory comes before one
 * on disk, and of several in one tier the one that reaches furthest; so within one tier no plan has fewer segments.
 * Extents may overlap and come in any order. Pure; O(n log n) in the number of extents, O(n) for a hit in memory.
 */
export function planRead(wanted: ByteRange, extents: readonly Extent[]): Plan {
  if (wanted.start >= wanted.end) return []
  for (const extent of extents) {
    if (extent.tier === 'memory' && containsRange(extent, wanted)) return [{ kind: 'held', extent, range: wanted }]
  }
  const sorted = extents.filter((extent) => intersectRanges(extent, wanted) !== undefined)
  sorted.sort((a, b) => a.start - b.start)

  const segments: Segment[] = []
  let memory: Extent | undefined
  let disk: Extent | undefined
  let position = wanted.start
  let index = 0
  while (position < wanted.end) {
    for (let next = sorted[index]; next !== undefined && next.start <= position; next = sorted[++index]) {
      if (next.tier === 'memory') memory = further(memory, next)
      else disk = further(disk, next)
    }
    const extent = memory !== undefined && memory.end > position ? memory : disk
    if (extent !== undefined && extent.end > position) {
      const end = Math.min(extent.end, wanted.end)
      segments.push({ kind: 'held', extent, range: { start: position, end } })
      position = end
    } else {
      const end = Math.min(sorted[index]?.start ?? wanted.end, wanted.end)
      segments.push({ kind: 'gap', range: { start: position, end } })
      position = end
    }
  }
  return segments
}

function further(best: Extent | undefined, candidate: Extent): Extent {
  return best === undefined || candidate.end > best.end ? candidate : best
}
