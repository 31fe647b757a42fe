import type { Lookup, Representation } from '@s3proxy/cache-store'
import {
  type ByteRange,
  filterHeaders,
  headerValue,
  isChecksumHeader,
  parseContentRange,
  type RawHeaders,
  storedHeaders,
} from '@s3proxy/protocol'
import type { ReadRequest } from '../decide.ts'

/** A read by part number. */
export interface PartRequest {
  /** What is known of the part is kept under this name. */
  readonly key: string
  /** 1 to 10,000. */
  readonly number: number
  /** Undefined: S3 has not said yet where the part begins and ends in what is held. */
  readonly known: KnownPart | undefined
}

/** Where S3 said that a part of a representation lies, and what it said of that part alone. */
export interface KnownPart {
  readonly range: ByteRange
  /** `x-amz-mp-parts-count` and the part's own checksums, as S3 sent them. */
  readonly headers: RawHeaders
  /** Whether `headers` came from an answer to `x-amz-checksum-mode: ENABLED`. */
  readonly checksums: boolean
}

/** A read of a part as the read of a range that it is, once it is known which. */
export function withKnownPart(read: ReadRequest, part: PartRequest, known: KnownPart | undefined): ReadRequest {
  const range = known && { kind: 'closed' as const, first: known.range.start, last: known.range.end - 1 }
  return { ...read, range, part: { ...part, known } }
}

/** Whether a field of an answer to a part speaks of the part, not of the object. */
function isPartHeader(lowerName: string): boolean {
  return lowerName === 'x-amz-mp-parts-count' || isChecksumHeader(lowerName)
}

/** What is stored of the object from an answer to one of its parts. */
export function storedObjectHeaders(headers: RawHeaders): string[] {
  return filterHeaders(storedHeaders(headers), (name) => !isPartHeader(name))
}

/**
 * What is kept of a part beside the object's own representation: no bytes, only its bounds and fields. It counts for
 * exactly the state of the object that S3 was speaking of; see {@link knownPart}.
 */
export function partRecord(
  part: PartRequest,
  object: Representation,
  headers: RawHeaders,
  checksums: boolean,
): Representation {
  const isKept = (name: string): boolean => name === 'content-range' || name === 'last-modified' || isPartHeader(name)
  return { key: part.key, etag: object.etag, size: object.size, headers: filterHeaders(headers, isKept), checksums }
}

/** What `found` says of a part of `object`; undefined if it is of another state of the object, or of none. Pure. */
export function knownPart(found: Lookup, object: Representation): KnownPart | undefined {
  if (found.kind === 'absent') return undefined
  const { etag, size, headers, checksums } = found.held.representation
  if (etag !== object.etag || size !== object.size) return undefined
  if (headerValue(headers, 'last-modified') !== headerValue(object.headers, 'last-modified')) return undefined
  const contentRange = parseContentRange(headerValue(headers, 'content-range') ?? '')
  if (contentRange.kind !== 'range' || contentRange.size !== size) return undefined
  return { range: contentRange.range, headers: filterHeaders(headers, isPartHeader), checksums }
}
