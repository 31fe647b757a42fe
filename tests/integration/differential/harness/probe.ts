import type { RawHeaders } from '@s3proxy/protocol'

/** Who asks, and how that is proven. */
export type Auth =
  | 'v4'
  | 'v2'
  | 'presigned-v4'
  | 'presigned-v2'
  /** Signed long ago, for a short time. */
  | 'expired-v4'
  | 'expired-v2'
  | 'anonymous'
  /** Signed with another secret. */
  | 'wrong-secret-v4'
  | 'wrong-secret-v2'
  | 'wrong-secret-presigned'
  /** Signed by somebody the store does not know. */
  | 'unknown-key-v4'
  | 'unknown-key-presigned'
  /** Signed half an hour ago, which is too long for a header's signature. */
  | 'skewed-v4'

/** A request as a table writes it down. */
export interface Probe {
  /** Default `GET`. */
  readonly method?: string
  /** Path and query as they stand on the wire. */
  readonly target: string
  /** What a signature takes for the target, where the wire spells it in an unusual way. Default: the target. */
  readonly canonical?: string
  /** Without `Host` and signature. */
  readonly headers?: RawHeaders
  /** Lower-case names of `headers` that stay unsigned. */
  readonly unsigned?: readonly string[]
  /** Default: the store's own name. */
  readonly host?: string
  /** Default `v4`. */
  readonly auth?: Auth
  /** With it goes its `Content-Length`, unless `headers` frame it already. */
  readonly body?: Uint8Array
  /** What a signature takes for the body's hash. Default: that hash. */
  readonly payloadHash?: string
  /** Default `origin`. */
  readonly form?: 'origin' | 'absolute'
}
