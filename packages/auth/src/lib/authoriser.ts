import type { Authorization, RawHeaders } from '@s3proxy/protocol'

/** A request that the cache could answer, as far as the right to read is concerned. */
export interface HitRequest {
  /** Canonical name of the bucket, as in the cache key. */
  readonly bucket: string
  readonly method: string
  /** The authority and the origin-form target as the client sent them: the URL. */
  readonly authority: string
  readonly target: string
  readonly headers: RawHeaders
  /** The parsed signature; see `parseAuthorization`. */
  readonly authorization: Authorization
  /** Milliseconds since the epoch; of a request that S3 has accepted, when S3 was asked. */
  readonly now: number
}

/** Why S3 itself must be asked before a cached byte leaves. */
export type AskReason =
  | 'every-request'
  | 'presigned-expired'
  | 'malformed-authorization'
  | 'unknown-authorization'
  | 'request-payer'
  | 'expected-bucket-owner'

/** May this request be answered from the cache without asking S3? */
export type Grant = { readonly kind: 'granted' } | { readonly kind: 'ask'; readonly reason: AskReason }

/**
 * Decides who may read a hit. It promises to be quick and free of side effects, and in doubt to answer `ask`; the
 * caller promises to serve nothing on `ask` before S3 has accepted this very request.
 */
export interface Authoriser {
  authorise(request: HitRequest): Grant
  /** Told when S3 has accepted a request that was asked about (2xx or 304). Default: nobody wants to know. */
  accepted?(request: HitRequest): void
}
