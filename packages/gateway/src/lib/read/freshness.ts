import { headerValue, type RawHeaders } from '@s3proxy/protocol'
import type { ReadRequest } from '../decide.ts'
import type { View } from './view.ts'

/** What age allows for what is held. Who may read it is another question. */
export interface Freshness {
  /** It may be served without asking S3. */
  readonly fresh: boolean
  /** It may be served while S3 is asked in the background (RFC 5861 section 3). */
  readonly whileRevalidating: boolean
  /** It may be served if S3 cannot answer (RFC 5861 section 4). */
  readonly ifError: boolean
}

const stale: Freshness = { fresh: false, whileRevalidating: false, ifError: false }
/** Clocks of machines that share a cache may differ by so much; a date further in the future says nothing. */
const maxClockSkewMs = 60_000

/**
 * Judges a view by the rule now in force. `bucketInvalidatedAt`: when a write last concerned its whole bucket; whatever
 * was confirmed before is not even a stale answer. Pure.
 */
export function freshnessOf(read: ReadRequest, view: View, now: number, bucketInvalidatedAt: number): Freshness {
  const { policy } = read
  const ageMs = now - view.validatedAt
  if (view.validatedAt <= bucketInvalidatedAt || ageMs < -maxClockSkewMs) return stale
  // A version never changes (S3 user guide, "How S3 Versioning works"); the null version is not cached at all.
  const ruleMs = read.immutable ? Number.POSITIVE_INFINITY : read.method === 'HEAD' ? policy.headTtlMs : policy.getTtlMs
  const ttlMs = policy.honourCacheControl ? Math.min(ruleMs, cacheControlTtlMs(view.representation.headers)) : ruleMs
  const fresh = ageMs < ttlMs
  if (policy.honourCacheControl && forbidsStale(view.representation.headers)) {
    return { fresh, whileRevalidating: fresh, ifError: fresh }
  }
  return {
    fresh,
    whileRevalidating: read.method === 'GET' && ageMs < ttlMs + policy.staleWhileRevalidateMs,
    ifError: ageMs < ttlMs + policy.staleIfErrorMs,
  }
}

/** How long the object's own Cache-Control lets a shared cache keep it (RFC 9111 section 5.2.2); infinite if it does not say. */
export function cacheControlTtlMs(headers: RawHeaders): number {
  const directives = parseCacheControl(headerValue(headers, 'cache-control'))
  if (directives.has('no-cache')) return 0
  const seconds = directives.get('s-maxage') ?? directives.get('max-age')
  if (seconds === undefined || !/^\d{1,10}$/.test(seconds)) return Number.POSITIVE_INFINITY
  return Number(seconds) * 1000
}

/** Whether the object's own Cache-Control forbids a shared cache to keep it at all. */
export function forbidsStoring(headers: RawHeaders): boolean {
  const directives = parseCacheControl(headerValue(headers, 'cache-control'))
  return directives.has('no-store') || directives.has('private')
}

/** Whether the object's own Cache-Control forbids a shared cache to serve it stale (RFC 9111 section 4.2.4). */
function forbidsStale(headers: RawHeaders): boolean {
  const directives = parseCacheControl(headerValue(headers, 'cache-control'))
  return ['no-cache', 'must-revalidate', 'proxy-revalidate', 's-maxage'].some((name) => directives.has(name))
}

/** Directives by lower-case name; values without quotes, empty where there is none. */
function parseCacheControl(value: string | undefined): ReadonlyMap<string, string> {
  const directives = new Map<string, string>()
  for (const part of value?.split(',') ?? []) {
    const [name = '', argument = ''] = part.split('=', 2)
    directives.set(name.trim().toLowerCase(), argument.trim().replace(/^"(.*)"$/, '$1'))
  }
  return directives
}
