import { type ByteRange, rangeLength } from '@s3proxy/protocol'

/** What is worth being merged. */
export interface MergeLimits {
  /** Largest extent a merge makes. */
  readonly maxBytes: number
  /** Fewest extents that are worth a merge. */
  readonly minExtents: number
}

/**
 * The stretch of neighbouring (touching or overlapping) extents that a merge should make one, or undefined if none is worth
 * it: at least `minExtents` of them, or extents that hold a quarter of their bytes twice. No extent may have more than half of
 * the stretch, so that every byte is copied a logarithmic number of times however slowly an object arrives. Of several
 * stretches the one with the most extents. Pure.
 */
export function planMerge(extents: readonly ByteRange[], limits: MergeLimits): ByteRange | undefined {
  const sorted = [...extents].sort((a, b) => a.start - b.start || a.end - b.end)
  let best: Stretch | undefined
  let open: Stretch | undefined
  const close = (): void => {
    if (open === undefined || !isWorthwhile(open, limits)) return
    if (best === undefined || open.count > best.count) best = open
  }
  for (const extent of sorted) {
    const end = Math.max(open?.end ?? 0, extent.end)
    if (open !== undefined && extent.start <= open.end && end - open.start <= limits.maxBytes) {
      open = { ...open, end, count: open.count + 1, sum: open.sum + rangeLength(extent), largest: larger(open, extent) }
      continue
    }
    close()
    const length = rangeLength(extent)
    open = { start: extent.start, end: extent.end, count: 1, sum: length, largest: length }
  }
  close()
  return best === undefined ? undefined : { start: best.start, end: best.end }
}

interface Stretch extends ByteRange {
  readonly count: number
  /** Bytes of all its extents; more than its length if they overlap. */
  readonly sum: number
  readonly largest: number
}

function larger(stretch: Stretch, extent: ByteRange): number {
  return Math.max(stretch.largest, rangeLength(extent))
}

function isWorthwhile(stretch: Stretch, { minExtents, maxBytes }: MergeLimits): boolean {
  const length = rangeLength(stretch)
  if (stretch.count < 2 || length > maxBytes) return false
  const isWasteful = stretch.sum >= length * 1.25
  return isWasteful || (stretch.count >= minExtents && stretch.largest * 2 <= length)
}
