import type { UpstreamResponse } from '@s3proxy/upstream'
import type { Answer, CacheOutcome } from './answer.ts'
import type { Classified } from './decide.ts'
import type { Exchange } from './exchange.ts'
import { forwardedHead } from './heads.ts'
import type { NotCachedReason } from './not-cached.ts'
import type { Parts } from './parts.ts'
import { contentLength } from './read/upstream-answer.ts'
import { isBodyless, sendUpstream, upstreamHeaders } from './send-upstream.ts'

/** Passes a request that the cache has no part in to the store, and its answer back. */
export async function forward(
  parts: Parts,
  exchange: Exchange,
  classified: Classified,
  reason: NotCachedReason,
): Promise<Answer> {
  const headers = upstreamHeaders(exchange, classified)
  const response = await sendUpstream(parts, exchange, classified, headers, exchange.body)
  return passOn(exchange, response, { kind: 'bypass', reason })
}

/** S3's answer as the client's. */
export function passOn(
  exchange: Exchange,
  response: UpstreamResponse,
  cache: CacheOutcome,
): Answer & { readonly kind: 'response' } {
  return {
    kind: 'response',
    head: forwardedHead(response),
    body: isBodyless(exchange, response) ? undefined : response.body,
    cache,
    objectSize: response.status === 200 ? contentLength(response.headers) : undefined,
    bytesFromCache: 0,
  }
}
