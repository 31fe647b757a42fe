import { endToEndHeaders, filterHeaders } from './headers.ts'
import type { RawHeaders } from './message.ts'
import { ownText } from './own-text.ts'

/** Fields of one answer, not of the object: recomputed for each answer, or true of one exchange only. */
const ofOneAnswer: ReadonlySet<string> = new Set([
  // Framing and time of this answer.
  'content-length',
  'content-range',
  'date',
  'age',
  'retry-after',
  'content-digest',
  // What an intermediary or the connection said.
  'via',
  'alt-svc',
  'warning',
  'x-cache',
  'cache-status',
  'cdn-cache-control',
  'server-timing',
  'x-amz-cf-id',
  'x-amz-cf-pop',
  'x-edge-location',
  'cf-ray',
  'cf-cache-status',
  'report-to',
  'nel',
  // Ids, charges and state of this request.
  'x-amz-request-id',
  'x-amz-id-2',
  'x-amz-request-charged',
  'x-amz-delete-marker',
  'x-amzn-requestid',
  'x-amzn-trace-id',
  'x-request-id',
  'x-trans-id',
  'x-openstack-request-id',
  'x-guploader-uploadid',
  'x-minio-error-code',
  'x-minio-error-desc',
  // State of this client.
  'set-cookie',
  'set-cookie2',
  'www-authenticate',
  'authentication-info',
  'clear-site-data',
])

const ofOneAnswerPrefixes: readonly string[] = ['access-control-', 'x-ratelimit-', 'proxy-']

function isOfTheObject(lowerName: string): boolean {
  if (ofOneAnswer.has(lowerName)) return false
  for (const prefix of ofOneAnswerPrefixes) {
    if (lowerName.startsWith(prefix)) return false
  }
  return true
}

/**
 * The fields of a 200 or 206 that are stored with a representation and replayed on a hit, in order, duplicates kept.
 * Everything stays but what belongs to one connection, one request or one client, and what each answer computes anew
 * (`Content-Length`, `Content-Range`, `Date`, `Age`). CORS fields go: they depend on the `Origin` that asked. In memory of
 * their own: they stay long after the head they came in.
 */
export function storedHeaders(headers: RawHeaders): string[] {
  return filterHeaders(endToEndHeaders(headers), isOfTheObject).map(ownText)
}

/**
 * Whether the field holds a checksum of the body, or says of which kind it is. On a 206 from the cache these must be
 * left out: they are of the whole object (or one part) and the SDKs verify the body against them.
 */
export function isChecksumHeader(lowerName: string): boolean {
  return lowerName.startsWith('x-amz-checksum-') || lowerName === 'content-md5' || lowerName === 'x-goog-hash'
}
