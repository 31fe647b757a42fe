import type { ByteSource, ProxyError, ResponseHead } from '@s3proxy/protocol'
import type { NotCachedReason } from './not-cached.ts'

/** How the cache took part in an answer. */
export type CacheOutcome =
  /** From the cache, nobody asked. */
  | { readonly kind: 'hit'; readonly detail?: 'stale-if-error' | 'stale-while-revalidate' | 'negative' }
  /** From the cache, after S3 confirmed it to this client. */
  | { readonly kind: 'revalidated' }
  /** From S3, by a request that the cache could have answered had it held it. */
  | { readonly kind: 'miss'; readonly fill: 'stored' | 'joined' | NotCachedReason }
  /** Held bytes from the cache, the rest from S3, which has just confirmed that both are of one representation. */
  | { readonly kind: 'partial'; readonly stored: boolean }
  /** From S3, by a request that the cache never answers. */
  | { readonly kind: 'bypass'; readonly reason: NotCachedReason }

/** What a stage has decided to answer; the pipeline sends it. */
export type Answer =
  | {
      readonly kind: 'response'
      readonly head: ResponseHead
      /** Undefined for an answer without a body. */
      readonly body: ByteSource | undefined
      readonly cache: CacheOutcome
      /** Complete length of the object if known. */
      readonly objectSize: number | undefined
      /** Of the body's bytes, how many the cache holds. */
      readonly bytesFromCache: number
    }
  | { readonly kind: 'error'; readonly error: ProxyError }
