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

/**
 * How to fetch `gaps`. A client that signed its Range gets its own request sent, of which only the gaps are used; else one
 * request for each gap or group of gaps. Empty if it does not pay. Pure.
 */
export function planGapFetches(gaps: readonly ByteRange[], rangeIsSigned: boolean): readonly GapFetch[] {
  if (rangeIsSigned) return [{ range: undefined, needed: gaps }]
  const merged: ByteRange[] = []
  for (const gap of gaps) {
    const last = merged.at(-1)
    if (last !== undefined && gap.start - last.end < mergeDistanceBytes) {
      merged[merged.length - 1] = { start: last.start, end: gap.end }
    } else merged.push(gap)
  }
  return merged.length > maxFetches ? [] : merged.map((range) => ({ range, needed: [range] }))
}

/** Total number of bytes of `ranges`. */
export function totalBytes(ranges: readonly ByteRange[]): number {
  return ranges.reduce((sum, range) => sum + rangeLength(range), 0)
}
