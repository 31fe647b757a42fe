/** Every reason for which a request or its answer is not cached: metric label, log field and `Cache-Status` detail. */
export const notCachedReasons = {
  operation: 'the operation reads no object',
  rule: 'a rule of the configuration says so',
  'uncacheable-address': 'the host is no plain bucket (control plane, Object Lambda, Outposts, website)',
  'unknown-query': 'a query parameter that may change the answer',
  'unknown-header': 'a field of S3 that may change the answer',
  'repeated-field': 'a Range or a condition more than once',
  'part-number': 'a read by part number',
  'null-version': 'the null version can change',
  'sse-c': 'the object is encrypted with a key of the client',
  'request-body': 'a read with a body',
  'multiple-ranges': 'more than one range',
  'malformed-range': 'a Range that cannot be read',
  'no-store-request': 'the client sent Cache-Control: no-store',
  'response-override': 'the answer carries headers the client asked for',
  'head-range': 'a HEAD with a Range',
  'origin-cache-control': "the object's own Cache-Control forbids it",
  status: 'an answer that is no object',
  'no-etag': 'the answer has no strong ETag',
  'no-length': 'the answer has no Content-Length',
  'bad-content-range': 'the Content-Range cannot be read or does not fit the length',
  'range-mismatch': 'the answer is another range than asked for',
  'encoded-transfer': 'the answer is not plain bytes',
  'conflicting-answers': 'two answers in flight disagree on the ETag',
  'store-refused': 'the cache did not take it',
  write: 'a write',
} as const

/** A member of {@link notCachedReasons}. */
export type NotCachedReason = keyof typeof notCachedReasons
