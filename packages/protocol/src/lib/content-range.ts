import type { ByteRange } from './byte-range.ts'

/** What a `Content-Range` field says (RFC 9110 section 14.4). */
export type ContentRange =
  /** The body is `range` (never empty) of a representation of `size` bytes; undefined for `*`. */
  | { readonly kind: 'range'; readonly range: ByteRange; readonly size: number | undefined }
  /** Sent with 416: the representation has `size` bytes. */
  | { readonly kind: 'unsatisfied'; readonly size: number }
  /** Another unit, or contradictory, or a number beyond `Number.MAX_SAFE_INTEGER`. Trust nothing about the body. */
  | { readonly kind: 'malformed' }

const malformed: ContentRange = { kind: 'malformed' }

const grammar = /^bytes (?:(\d{1,16})-(\d{1,16})|\*)\/(\d{1,16}|\*)$/i

/** Reads the value of a `Content-Range` field. */
export function parseContentRange(value: string): ContentRange {
  const match = grammar.exec(value)
  if (match === null) return malformed
  const [, first, last, total] = match
  const size = total === '*' ? undefined : Number(total)
  if (size !== undefined && !Number.isSafeInteger(size)) return malformed
  if (first === undefined) return size === undefined ? malformed : { kind: 'unsatisfied', size }
  const start = Number(first)
  const end = Number(last) + 1
  if (start >= end || !Number.isSafeInteger(end) || (size !== undefined && end > size)) return malformed
  return { kind: 'range', range: { start, end }, size }
}

/** The field for a 206 that carries `range` of `size` bytes. Throws RangeError if `range` is empty or outside. */
export function formatContentRange(range: ByteRange, size: number): string {
  if (!(range.start >= 0 && range.start < range.end && range.end <= size)) {
    throw new RangeError(`no Content-Range for [${range.start}, ${range.end}) of ${size}`)
  }
  return `bytes ${range.start}-${range.end - 1}/${size}`
}

/** The field for a 416 about a representation of `size` bytes. */
export function formatUnsatisfiedRange(size: number): string {
  return `bytes */${size}`
}
