import { headerValue } from '@s3proxy/protocol'
import type { AskReason, Authoriser, Grant, HitRequest } from './authoriser.ts'

const granted: Grant = { kind: 'granted' }

/**
 * `authorization: network`: whoever reaches the proxy may read what it holds while it is fresh. S3 still decides on
 * requests that ask it something the cache cannot know: an expired presigned URL, a signature that cannot be read, who
 * pays, who owns the bucket.
 */
export function createNetworkAuthoriser(): Authoriser {
  return {
    authorise(request) {
      const reason = reasonToAsk(request)
      return reason === undefined ? granted : { kind: 'ask', reason }
    },
  }
}

function reasonToAsk({ headers, authorization, now }: HitRequest): AskReason | undefined {
  if (authorization.kind === 'malformed') return 'malformed-authorization'
  if (authorization.kind === 'other') return 'unknown-authorization'
  if (authorization.kind === 'presigned' && authorization.expiresAt <= now) return 'presigned-expired'
  if (headerValue(headers, 'x-amz-request-payer') !== undefined) return 'request-payer'
  if (headerValue(headers, 'x-amz-expected-bucket-owner') !== undefined) return 'expected-bucket-owner'
  return undefined
}
