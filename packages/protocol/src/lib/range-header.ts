import type { ByteRange } from './byte-range.ts'

/**
 * What a `Range` field asks for (RFC 9110 section 14.2). Positions are inclusive as in the header; a number beyond
 * `Number.MAX_SAFE_INTEGER` counts as that, one beyond 2^63 - 1 makes the field malformed.
 */
export type RangeSpec =
  /** `bytes=first-last`, `first <= last`. */
  | { readonly kind: 'closed'; readonly first: number; readonly last: number }
  /** `bytes=first-`. */
  | { readonly kind: 'from'; readonly first: number }
  /** `bytes=-length`; `length` may be 0, which no representation satisfies. */
  | { readonly kind: 'suffix'; readonly length: number }
  /** A list. S3 sends the whole object. */
  | { readonly kind: 'multiple' }
  /** Another unit, or not in the grammar (`5-3` too). A server ignores it. */
  | { readonly kind: 'malformed' }

/** What a {@link RangeSpec} means for a representation of a known size. */
export type ResolvedRange =
  /** Answer 206 with these bytes; never empty. */
  | { readonly kind: 'range'; readonly range: ByteRange }
  /** Answer 416. */
  | { readonly kind: 'unsatisfiable' }
  /** The field is ignored: answer 200 with everything. */
  | { readonly kind: 'whole' }

const multiple: RangeSpec = { kind: 'multiple' }
const malformed: RangeSpec = { kind: 'malformed' }
const whole: ResolvedRange = { kind: 'whole' }
const unsatisfiable: ResolvedRange = { kind: 'unsatisfiable' }

/** The unit in lower case only: RFC 9110 lets any case do, but not every store does, and what the store does counts. */
const oneRange = /^bytes=(\d*)-(\d*)$/
/** 2^63 - 1. Stores read positions into 64 bits and ignore a Range beyond them. */
const maxPosition = 9_223_372_036_854_775_807n

/** The position, or undefined for one that no store can read. */
function position(digits: string): number | undefined {
  if (digits.length > 15 && BigInt(digits.slice(0, 40)) > maxPosition) return undefined
  return Math.min(Number(digits), Number.MAX_SAFE_INTEGER)
}

/** Reads the value of a `Range` field. Anything with a comma is `multiple`, even if only one element is not empty. */
export function parseRangeHeader(value: string): RangeSpec {
  const match = oneRange.exec(value)
  if (match === null) return /^bytes=[\d\-, \t]*$/.test(value) && value.includes(',') ? multiple : malformed
  const [, firstDigits = '', lastDigits = ''] = match
  const first = firstDigits === '' ? 0 : position(firstDigits)
  const last = lastDigits === '' ? 0 : position(lastDigits)
  if (first === undefined || last === undefined) return malformed
  if (firstDigits === '') return lastDigits === '' ? malformed : { kind: 'suffix', length: last }
  if (lastDigits === '') return { kind: 'from', first }
  return first <= last ? { kind: 'closed', first, last } : malformed
}

/**
 * The bytes that `spec` selects from a representation of `size` bytes. As in S3, nothing of an empty object can be
 * selected, not even a suffix, and a suffix longer than the object is all of it.
 */
export function resolveRange(spec: RangeSpec, size: number): ResolvedRange {
  switch (spec.kind) {
    case 'closed':
      return between(spec.first, spec.last < size ? spec.last + 1 : size)
    case 'from':
      return between(spec.first, size)
    case 'suffix':
      return between(Math.max(0, size - spec.length), size)
    case 'multiple':
    case 'malformed':
      return whole
  }
}

function between(start: number, end: number): ResolvedRange {
  return start < end ? { kind: 'range', range: { start, end } } : unsatisfiable
}
