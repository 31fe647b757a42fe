import type { Authoriser, Grant } from './authoriser.ts'
import { createPresignedMemo } from './presigned-memo.ts'

const ask: Grant = { kind: 'ask', reason: 'every-request' }
const granted: Grant = { kind: 'granted' }

/** How strictly S3 is asked. */
export interface EveryRequestOptions {
  /**
   * How long an identical presigned URL counts as accepted once S3 has accepted it, milliseconds, and never beyond its own
   * expiry. Within it a change behind the proxy's back is not seen by that URL. Default 0: S3 is asked each time.
   */
  readonly presignedMemoMs?: number
}

/** `authorization: s3`: S3 is asked for every request, by a conditional request under the client's own signature. */
export function createEveryRequestAuthoriser({ presignedMemoMs = 0 }: EveryRequestOptions = {}): Authoriser {
  if (presignedMemoMs <= 0) return { authorise: () => ask }
  const memo = createPresignedMemo({ ttlMs: presignedMemoMs })
  return {
    authorise: (request) => (memo.holds(request) ? granted : ask),
    accepted: (request) => memo.note(request),
  }
}
