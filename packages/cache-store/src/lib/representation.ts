import { headerValue } from '@s3proxy/protocol'
import type { Held, Representation } from './cache-store.ts'

/** Whether bytes of `a` are bytes of `b`: same entity tag, same length. */
export function sameBytes(a: Representation, b: Representation): boolean {
  return a.etag === b.etag && a.size === b.size
}

/** Whether `a` and `b` are one state of the object: a copy of it onto itself changes the metadata, but not the ETag. */
export function sameState(a: Representation, b: Representation): boolean {
  return (
    a === b || (sameBytes(a, b) && headerValue(a.headers, 'last-modified') === headerValue(b.headers, 'last-modified'))
  )
}

/** Whether `a` and `b` would be stored as the same record. */
export function sameRecord(a: Representation, b: Representation): boolean {
  return (
    sameBytes(a, b) &&
    a.checksums === b.checksums &&
    a.headers.length === b.headers.length &&
    a.headers.every((text, index) => text === b.headers[index])
  )
}

/** Whether one of the extents alone has every byte of the representation. */
export function isWhole(held: Held): boolean {
  const { size } = held.representation
  if (size === 0) return true
  for (const extent of held.extents) if (extent.start === 0 && extent.end === size) return true
  return false
}

/** Heap of a string of one byte per character beside the characters, and of the place that refers to it. */
const stringBytes = 28

/** Bytes of memory a representation takes: its strings and the objects around them, as measured by `bench/micro/memory-per-entry.ts`. */
export function representationBytes(representation: Representation): number {
  let bytes = 256 + representation.key.length + representation.etag.length
  for (const text of representation.headers) bytes += text.length + stringBytes
  return bytes
}
