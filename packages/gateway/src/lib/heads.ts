import type { Representation } from '@s3proxy/cache-store'
import {
  type ByteRange,
  endToEndHeaders,
  filterHeaders,
  formatContentRange,
  headerValue,
  isChecksumHeader,
  type RawHeaders,
  type ResponseHead,
} from '@s3proxy/protocol'
import type { CacheOutcome } from './answer.ts'
import { HitHead, linesOf } from './hit-head.ts'
import type { KnownPart } from './read/known-part.ts'

/** What an answer from the cache is made of, beside the stored headers. */
export interface HitHeadOptions {
  readonly representation: Representation
  readonly wanted: ByteRange
  /** Whether the client asked for a range: 206 and `Content-Range`. */
  readonly partial: boolean
  readonly wantsChecksums: boolean
  /** Of a read by part number: what S3 said of that part. */
  readonly part: KnownPart | undefined
  readonly overrides: readonly (readonly [name: string, value: string])[]
  /** S3's 304 to this request, if it was asked; its ids and CORS headers are this answer's. */
  readonly confirmation: RawHeaders | undefined
  readonly requestId: string
  /** Seconds since S3 last confirmed the representation; undefined if it did so just now. */
  readonly ageSeconds: number | undefined
}

/** The head of an answer from the cache: the stored headers as S3 sent them, and what speaks of this answer only. */
export function hitHead(options: HitHeadOptions): ResponseHead {
  const { representation, wanted, partial, overrides, confirmation } = options
  if (options.part === undefined && overrides.length === 0) {
    const own = confirmation && linesOf(answerHeaders(confirmation, options.requestId))
    return new HitHead(representation, options, own)
  }
  // A checksum is of the whole object: on a part, SDKs would check the part against it and fail.
  const keepChecksums = options.wantsChecksums && !partial
  const overridden = new Set(overrides.map(([name]) => name.toLowerCase()))
  const headers = filterHeaders(
    representation.headers,
    (name) => !overridden.has(name) && (keepChecksums || !isChecksumHeader(name)),
  )
  for (const [name, value] of overrides) headers.push(name, value)
  if (options.part !== undefined) headers.push(...partHeaders(options.part, options.wantsChecksums))
  headers.push('Content-Length', String(wanted.end - wanted.start))
  if (partial) headers.push('Content-Range', formatContentRange(wanted, representation.size))
  if (options.ageSeconds !== undefined) headers.push('Age', String(options.ageSeconds))
  headers.push(...answerHeaders(confirmation, options.requestId))
  return { status: partial ? 206 : 200, reason: '', headers }
}

/** What is said of the part alone. Checksums are for those who asked. */
function partHeaders({ headers }: KnownPart, wantsChecksums: boolean): RawHeaders {
  return wantsChecksums ? headers : filterHeaders(headers, (name) => !isChecksumHeader(name))
}

/**
 * Whether a stored field belongs on a 304: all but what describes the body that is not sent (RFC 9110 section 15.4.5) and
 * S3's own fields about the object.
 */
function isOnNotModified(name: string): boolean {
  return name === 'x-amz-version-id' || !(name.startsWith('content-') || name.startsWith('x-amz-'))
}

/** The head of a 304 from the cache to a condition of the client's own. */
export function notModifiedHead(representation: Representation, requestId: string): ResponseHead {
  const headers = filterHeaders(representation.headers, isOnNotModified)
  headers.push(...answerHeaders(undefined, requestId))
  return { status: 304, reason: '', headers }
}

function answerHeaders(confirmation: RawHeaders | undefined, requestId: string): string[] {
  if (confirmation === undefined) return ['x-amz-request-id', requestId]
  const own = filterHeaders(confirmation, (name) => confirmedFields.has(name) || name.startsWith('access-control-'))
  return headerValue(own, 'x-amz-request-id') === undefined ? ['x-amz-request-id', requestId, ...own] : own
}

/** Fields of S3's 304 that speak of this answer, beside the CORS ones. */
const confirmedFields: ReadonlySet<string> = new Set(['x-amz-request-id', 'x-amz-id-2', 'x-amz-request-charged'])

/** The head of S3's own answer, as it goes to the client. */
export function forwardedHead(head: ResponseHead): ResponseHead {
  return { status: head.status, reason: head.reason, headers: endToEndHeaders(head.headers) }
}

const plainHit: RawHeaders = ['Cache-Status', 's3proxy; hit', 'X-Cache', 'HIT']
const otherHits: Readonly<Record<NonNullable<(CacheOutcome & { readonly kind: 'hit' })['detail']>, RawHeaders>> = {
  negative: otherHit('negative'),
  'stale-if-error': otherHit('stale-if-error'),
  'stale-while-revalidate': otherHit('stale-while-revalidate'),
}
const revalidated: RawHeaders = ['Cache-Status', 's3proxy; fwd=stale; fwd-status=304', 'X-Cache', 'REVALIDATED']

/** `Cache-Status` (RFC 9211) for machines and `X-Cache` for people. */
export function cacheHeaders(cache: CacheOutcome): RawHeaders {
  switch (cache.kind) {
    case 'hit':
      return cache.detail === undefined ? plainHit : otherHits[cache.detail]
    case 'revalidated':
      return revalidated
    case 'miss':
      return ['Cache-Status', `s3proxy; fwd=miss; ${fillDetail(cache.fill)}`, 'X-Cache', 'MISS']
    case 'partial':
      return [
        'Cache-Status',
        `s3proxy; fwd=partial; fwd-status=206${cache.stored ? '; stored' : ''}`,
        'X-Cache',
        'MISS',
      ]
    case 'bypass':
      return ['Cache-Status', `s3proxy; fwd=bypass; detail=${cache.reason}`, 'X-Cache', 'BYPASS']
  }
}

function otherHit(detail: string): RawHeaders {
  return ['Cache-Status', `s3proxy; hit; detail=${detail}`, 'X-Cache', 'HIT']
}

function fillDetail(fill: (CacheOutcome & { readonly kind: 'miss' })['fill']): string {
  if (fill === 'stored') return 'stored'
  if (fill === 'joined') return 'collapsed'
  return `detail=${fill}`
}
