import { parseAuthorizationHeader } from './authorization-header.ts'
import { headerValues } from './headers.ts'
import type { RequestHead } from './message.ts'
import { isPresigned, parsePresigned } from './presigned.ts'
import type { QueryParameter } from './query.ts'

/**
 * Who signed a request and which of its headers. Never holds a signature, a session token or a secret, so that it may
 * be logged and kept.
 */
export type Authorization =
  | { readonly kind: 'anonymous' }
  | SignedV4
  | { readonly kind: 'header'; readonly scheme: 'v2'; readonly accessKeyId: string }
  | PresignedV4
  | {
      readonly kind: 'presigned'
      readonly scheme: 'v2'
      readonly accessKeyId: string
      /** Milliseconds since the epoch. */
      readonly expiresAt: number
    }
  /** An `Authorization` field of another scheme, such as `Bearer`; `scheme` in lower case. */
  | { readonly kind: 'other'; readonly scheme: string }
  /** Meant as a signature but not in the form S3 accepts. `reason` is for people and repeats nothing of the request. */
  | { readonly kind: 'malformed'; readonly reason: string }

/** What both forms of a Signature Version 4 say (https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-authenticating-requests.html). */
export interface V4Fields {
  /** `v4a` is the asymmetric form, which multi-region access points need. */
  readonly scheme: 'v4' | 'v4a'
  readonly accessKeyId: string
  /** Date, region, service and terminator as sent: `20130524/us-east-1/s3/aws4_request`; `v4a` has no region. */
  readonly scope: string
  /** Names in lower case. */
  readonly signedHeaders: ReadonlySet<string>
}

/** Signature Version 4 in the `Authorization` field. */
export interface SignedV4 extends V4Fields {
  readonly kind: 'header'
}

/** Signature Version 4 in the query. */
export interface PresignedV4 extends V4Fields {
  readonly kind: 'presigned'
  /** Milliseconds since the epoch. */
  readonly signedAt: number
  /** Milliseconds since the epoch; at most 7 days after `signedAt`. */
  readonly expiresAt: number
}

const anonymous: Authorization = { kind: 'anonymous' }
const repeated: Authorization = { kind: 'malformed', reason: 'more than one Authorization field' }
const both: Authorization = { kind: 'malformed', reason: 'both an Authorization field and a signed query' }

/**
 * Reads how a request is signed, from its headers and its query. Nothing is verified. The work is linear in the size of
 * the head, and longer values than S3 ever sees are `malformed`.
 */
export function parseAuthorization(head: RequestHead, query: readonly QueryParameter[]): Authorization {
  const values = headerValues(head.headers, 'authorization')
  const presigned = isPresigned(query)
  const value = values[0]
  if (value === undefined) return presigned ? parsePresigned(query) : anonymous
  if (values.length > 1) return repeated
  return presigned ? both : parseAuthorizationHeader(value)
}

/**
 * Whether a header may not be changed, removed or added, because the signature covers it. `Host` always counts as
 * signed; where it is not known what is signed, every header does.
 */
export function isSigned(authorization: Authorization, lowerName: string): boolean {
  if (lowerName === 'host') return true
  switch (authorization.kind) {
    case 'anonymous':
      return false
    case 'header':
    case 'presigned':
      return authorization.scheme === 'v2' ? isSignedByV2(lowerName) : authorization.signedHeaders.has(lowerName)
    case 'other':
    case 'malformed':
      return true
  }
}

/** https://docs.aws.amazon.com/AmazonS3/latest/userguide/RESTAuthentication.html */
function isSignedByV2(lowerName: string): boolean {
  return (
    lowerName === 'content-md5' ||
    lowerName === 'content-type' ||
    lowerName === 'date' ||
    lowerName.startsWith('x-amz-')
  )
}
