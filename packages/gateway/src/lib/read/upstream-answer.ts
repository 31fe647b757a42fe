import type { Representation } from '@s3proxy/cache-store'
import {
  type ByteRange,
  headerValue,
  ownText,
  parseContentRange,
  parseEntityTag,
  parseHttpDate,
  type RangeSpec,
  type RawHeaders,
  type ResponseHead,
  resolveRange,
  storedHeaders,
} from '@s3proxy/protocol'
import type { ReadRequest } from '../decide.ts'
import type { NotCachedReason } from '../not-cached.ts'
import { forbidsStoring } from './freshness.ts'
import { partRecord, storedObjectHeaders } from './known-part.ts'

/** What S3's answer to a read means for the cache. */
export type UpstreamAnswer =
  /** 304 to our condition: what is held is current, and this client may have it. */
  | { readonly kind: 'confirmed' }
  /** 304 to our condition, but the metadata changed under the same ETag: the answer cannot be used. */
  | { readonly kind: 'metadata-changed' }
  /** Bytes of an object that can be stored. */
  | {
      readonly kind: 'object'
      readonly representation: Representation
      readonly range: ByteRange
      /** What to keep of the part that was asked for. */
      readonly part: Representation | undefined
    }
  /** A HEAD's 200: what an object looks like, without bytes. */
  | { readonly kind: 'metadata'; readonly representation: Representation }
  /** For the client only. `held`: what becomes of what is held. */
  | { readonly kind: 'pass'; readonly reason: NotCachedReason; readonly held: 'keep' | 'drop' | 'refresh' }

/** Reads an answer. `condition` is the representation whose ETag we asked about, if we added a condition. Pure. */
export function readUpstreamAnswer(
  read: ReadRequest,
  head: ResponseHead,
  held: Representation | undefined,
  condition: Representation | undefined,
): UpstreamAnswer {
  const etag = headerValue(head.headers, 'etag')
  switch (head.status) {
    case 304: {
      if (condition === undefined) return pass('status', afterOwn304(held, etag, head.headers))
      return confirms(condition, head.headers) ? { kind: 'confirmed' } : { kind: 'metadata-changed' }
    }
    case 200:
    case 206:
      return readObject(read, head, etag, held)
    case 404:
    case 410:
    case 412:
      return pass('status', 'drop')
    default:
      return pass('status', 'keep')
  }
}

function pass(reason: NotCachedReason, held: 'keep' | 'drop' | 'refresh'): UpstreamAnswer {
  return { kind: 'pass', reason, held }
}

/** A 304 to the client's own condition speaks of what is held only if it names it. */
function afterOwn304(
  held: Representation | undefined,
  etag: string | undefined,
  headers: RawHeaders,
): 'keep' | 'drop' | 'refresh' {
  if (held === undefined || etag !== held.etag) return 'keep'
  return confirms(held, headers) ? 'refresh' : 'drop'
}

/**
 * A copy of an object onto itself changes metadata and Last-Modified but not the ETag, so an equal ETag alone does not
 * confirm the stored headers.
 */
export function confirms(condition: Representation, headers: RawHeaders): boolean {
  const etag = headerValue(headers, 'etag')
  if (etag !== undefined && etag !== condition.etag) return false
  const now = headerValue(headers, 'last-modified')
  if (now === undefined) return true
  const then = headerValue(condition.headers, 'last-modified')
  return then !== undefined && (now === then || parseHttpDate(now) === parseHttpDate(then))
}

function readObject(
  read: ReadRequest,
  head: ResponseHead,
  etag: string | undefined,
  held: Representation | undefined,
): UpstreamAnswer {
  const { headers, status } = head
  const tag = etag === undefined ? undefined : parseEntityTag(etag)
  if (etag === undefined || tag === undefined || tag.weak) return pass('no-etag', 'drop')
  if (headerValue(headers, 'x-amz-server-side-encryption-customer-algorithm') !== undefined)
    return pass('sse-c', 'drop')
  if (read.overrides.length > 0) return pass('response-override', 'keep')
  if (read.policy.honourCacheControl && forbidsStoring(headers)) return pass('origin-cache-control', 'drop')
  const length = contentLength(headers)
  if (length === undefined) return pass('no-length', 'drop')
  const representation = (size: number): Representation => ({
    key: read.key,
    etag: ownText(etag),
    size,
    headers: read.part === undefined ? storedHeaders(headers) : storedObjectHeaders(headers),
    checksums: read.wantsChecksums && status === 200,
  })
  if (read.method === 'HEAD') {
    return read.range === undefined && status === 200
      ? { kind: 'metadata', representation: representation(length) }
      : pass('head-range', 'keep')
  }
  if (status === 200) {
    // Some stores send a part as if it were the whole.
    if (read.part !== undefined) return pass('part-number', 'keep')
    return { kind: 'object', representation: representation(length), range: { start: 0, end: length }, part: undefined }
  }

  const contentRange = headerValue(headers, 'content-range')
  const parsed = contentRange === undefined ? undefined : parseContentRange(contentRange)
  if (parsed?.kind !== 'range' || parsed.size === undefined) return pass('bad-content-range', 'drop')
  const { range, size } = parsed
  if (range.end - range.start !== length || range.end > size) return pass('bad-content-range', 'drop')
  const object = representation(size)
  if (read.part === undefined) {
    return isRange(read.range, range, size)
      ? { kind: 'object', representation: object, range, part: undefined }
      : pass('range-mismatch', 'drop')
  }
  // Nobody but S3 knows which bytes a part has, until it has said so of this representation.
  const isKnown = read.range !== undefined && held?.etag === etag
  if (isKnown && !isRange(read.range, range, size)) return pass('range-mismatch', 'drop')
  const count = headerValue(headers, 'x-amz-mp-parts-count')
  if (count !== undefined && !(Number(count) >= read.part.number)) return pass('range-mismatch', 'drop')
  const part = partRecord(read.part, object, headers, read.wantsChecksums)
  return { kind: 'object', representation: object, range, part }
}

/** Whether `given` is what `asked` means for an object of `size` bytes. */
function isRange(asked: RangeSpec | undefined, given: ByteRange, size: number): boolean {
  const resolved = asked && resolveRange(asked, size)
  return resolved?.kind === 'range' && resolved.range.start === given.start && resolved.range.end === given.end
}

/** A plain decimal Content-Length that is a safe integer; undefined for none or anything else. */
export function contentLength(headers: RawHeaders): number | undefined {
  const value = headerValue(headers, 'content-length')
  if (value === undefined || !/^\d{1,15}$/.test(value)) return undefined
  return Number(value)
}
