/** A run of bytes, half-open: `start` is the first byte, `end` the one after the last. `0 <= start <= end`. */
export interface ByteRange {
  readonly start: number
  readonly end: number
}

/** Number of bytes in `range`. */
export function rangeLength(range: ByteRange): number {
  return range.end - range.start
}

/** Whether every byte of `inner` lies in `outer`. An empty `inner` is in everything. */
export function containsRange(outer: ByteRange, inner: ByteRange): boolean {
  return inner.start >= inner.end || (outer.start <= inner.start && inner.end <= outer.end)
}

/** The bytes that both have, or undefined if there are none. */
export function intersectRanges(a: ByteRange, b: ByteRange): ByteRange | undefined {
  const start = Math.max(a.start, b.start)
  const end = Math.min(a.end, b.end)
  return start < end ? { start, end } : undefined
}

/** The parts of `wanted` that none of `held` covers, in order. */
export function subtractRanges(wanted: ByteRange, held: readonly ByteRange[]): ByteRange[] {
  const gaps: ByteRange[] = []
  let position = wanted.start
  for (const range of [...held].sort((a, b) => a.start - b.start)) {
    if (position >= wanted.end) break
    if (range.end <= position) continue
    if (range.start > position) gaps.push({ start: position, end: Math.min(range.start, wanted.end) })
    position = Math.max(position, range.end)
  }
  if (position < wanted.end) gaps.push({ start: position, end: wanted.end })
  return gaps
}
