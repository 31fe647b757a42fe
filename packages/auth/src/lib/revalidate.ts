import {
  type Authorization,
  headerValue,
  isSigned,
  parseEntityTag,
  parseEntityTagList,
  type RawHeaders,
  strongMatch,
} from '@s3proxy/protocol'

/** Why the client's request goes up as it is, without a condition of ours. */
export type VerbatimReason = 'client-condition' | 'signed-condition' | 'weak-tag'

/** How to ask S3 whether this client may have what is held. */
export type Revalidation =
  | { readonly kind: 'conditional'; readonly headers: RawHeaders }
  | { readonly kind: 'verbatim'; readonly reason: VerbatimReason }

/**
 * Adds `If-None-Match: etag` to the client's own headers, so that S3 answers 304 to a request it would have granted if
 * the representation is still current. Only where that cannot change the meaning of what the client asked: it sent no
 * condition itself, or just an `If-Match` that `etag` satisfies (RFC 9110 section 13.2.2), and the header is unsigned.
 */
export function planRevalidation(headers: RawHeaders, authorization: Authorization, etag: string): Revalidation {
  const held = parseEntityTag(etag)
  if (held === undefined || held.weak) return { kind: 'verbatim', reason: 'weak-tag' }
  for (const name of ['if-none-match', 'if-modified-since', 'if-unmodified-since', 'if-range']) {
    if (headerValue(headers, name) !== undefined) return { kind: 'verbatim', reason: 'client-condition' }
  }
  const ifMatch = headerValue(headers, 'if-match')
  if (ifMatch !== undefined) {
    const list = parseEntityTagList(ifMatch)
    // Not every store knows lists; one that does not would say 412, and what the store says counts.
    const [only, ...more] = list.kind === 'any' ? [held] : list.tags
    const satisfied = only !== undefined && more.length === 0 && !ifMatch.includes(',') && strongMatch(only, held)
    if (!satisfied) return { kind: 'verbatim', reason: 'client-condition' }
  }
  if (isSigned(authorization, 'if-none-match')) return { kind: 'verbatim', reason: 'signed-condition' }
  return { kind: 'conditional', headers: [...headers, 'If-None-Match', etag] }
}
