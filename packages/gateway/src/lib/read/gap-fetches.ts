import { type ByteRange, rangeLength } from '@s3proxy/protocol'

/** Gaps closer than this are fetched as one: a request costs more than the bytes between. */
const mergeDistanceBytes = 1 << 20
/** More requests than this for one answer cost more than fetching what is held again. */
const maxFetches = 8

/** A request for bytes that are missing, and which of its bytes the answer needs. */
export interface GapFetch {
  /** What is asked for; undefined: the client's own range, as it is. */
  readonly range: ByteRange | undefined
  readonly needed: readonly ByteRange[]
}

/** What else decides how gaps are fetched. */
export interface GapOptions {
  /** Whether the client's request must go up as it is, because it signed which bytes it wants. */
  readonly isFixed: boolean
  /** Complete length of the object. */
  readonly size: number
  /** See `ReadPolicy`; 0: no widening. */
  readonly pageBytes: number
}

/**
 * How to fetch `gaps`. A client that signed which bytes it wants gets its own request sent, of which only the gaps are used; else one
 * request for each gap or group of gaps, widened to whole pages. Empty if it does not pay. Pure.
 */
export function planGapFetches(gaps: readonly ByteRange[], options: GapOptions): readonly GapFetch[] {
  if (options.isFixed) return [{ range: undefined, needed: gaps }]
  const merged: { range: ByteRange; needed: ByteRange }[] = []
  for (const gap of gaps) {
    const range = widen(gap, options.pageBytes, options.size)
    const last = merged.at(-1)
    if (last !== undefined && range.start - last.range.end < mergeDistanceBytes) {
      last.range = { start: last.range.start, end: range.end }
      last.needed = { start: last.needed.start, end: gap.end }
    } else merged.push({ range, needed: gap })
  }
  return merged.length > maxFetches ? [] : merged.map(({ range, needed }) => ({ range, needed: [needed] }))
}

/** `range` made larger so that it begins and ends at multiples of `pageBytes` (0: as it is), at most `size`. Pure. */
export function widen(range: ByteRange, pageBytes: number, size: number): ByteRange {
  if (pageBytes === 0) return range
  const start = range.start - (range.start % pageBytes)
  return { start, end: Math.min(size, Math.ceil(range.end / pageBytes) * pageBytes) }
}

/** Total number of bytes of `ranges`. */
export function totalBytes(ranges: readonly ByteRange[]): number {
  return ranges.reduce((sum, range) => sum + rangeLength(range), 0)
}
