import type { Authoriser, Grant } from './authoriser.ts'

const ask: Grant = { kind: 'ask', reason: 'every-request' }

/** `authorization: s3`: S3 is asked for every request, by a conditional request under the client's own signature. */
export function createEveryRequestAuthoriser(): Authoriser {
  return { authorise: () => ask }
}
