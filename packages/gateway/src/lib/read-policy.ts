import type { Authoriser } from '@s3proxy/auth'

/** What an operator decided about reads of one object. All times are milliseconds; 0 switches the feature off. */
export interface ReadPolicy {
  /** Whether reads may be answered from the cache and stored in it. */
  readonly cache: boolean
  /** Who may read a hit. */
  readonly authoriser: Authoriser
  /** How long a representation counts as fresh for GET after S3 confirmed it. */
  readonly getTtlMs: number
  /** The same for HEAD. */
  readonly headTtlMs: number
  /** After its freshness, how long a representation may still be served when S3 cannot be reached or answers 5xx. */
  readonly staleIfErrorMs: number
  /** After its freshness, how long it may be served at once while S3 is asked in the background. */
  readonly staleWhileRevalidateMs: number
  /** How long a 404 of S3 is remembered; any write of the key through this proxy ends it. */
  readonly negativeTtlMs: number
  /** Whether `no-store`, `no-cache`, `private` and `max-age` in the object's own Cache-Control bound what we do. */
  readonly honourCacheControl: boolean
  /** Ranges that may be rewritten are widened to multiples of so many bytes; 0 for not at all. */
  readonly pageBytes: number
}

/** The policies of one proxy: looked up once per read, so quick and free of side effects. */
export interface ReadPolicies {
  /** `bucket` and `key` as in the address: binary strings, the key percent-decoded once. */
  of(bucket: string, key: string): ReadPolicy
}

/** A policy in part: who may read, and whatever differs from the defaults. */
export type ReadPolicyOptions = Pick<ReadPolicy, 'authoriser'> & Partial<ReadPolicy>

/** Everything is cached, fresh for a year (HEAD: a minute); stale answers, negative caching and widening are off. */
export function resolveReadPolicy(options: ReadPolicyOptions): ReadPolicy {
  return {
    cache: true,
    getTtlMs: 365 * 86_400_000,
    headTtlMs: 60_000,
    staleIfErrorMs: 0,
    staleWhileRevalidateMs: 0,
    negativeTtlMs: 0,
    honourCacheControl: false,
    pageBytes: 0,
    ...options,
  }
}

/** One policy for every object. */
export function createFixedPolicies(options: ReadPolicyOptions): ReadPolicies {
  const policy = resolveReadPolicy(options)
  return { of: () => policy }
}
