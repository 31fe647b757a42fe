import {
  type ByteRange,
  type ByteSource,
  endToEndHeaders,
  filterHeaders,
  headerValue,
  type RawHeaders,
} from '@s3proxy/protocol'
import type { UpstreamClient, UpstreamResponse } from '@s3proxy/upstream'
import type { Classified } from './decide.ts'
import type { Exchange } from './exchange.ts'

/**
 * The client's headers as they go up: signed ones all, of the others those that pass a proxy. A chunked body stays
 * chunked: its framing is the connection's, so the field is written anew.
 */
export function upstreamHeaders(exchange: Exchange, classified: Classified): string[] {
  const { headers } = exchange.head
  const sent = endToEndHeaders(
    headers,
    (name) => name !== 'transfer-encoding' && name !== 'connection' && classified.signed(name),
  )
  if (headerValue(sent, 'host') === undefined) sent.unshift('Host', classified.route.authority)
  if (exchange.body !== undefined && headerValue(sent, 'content-length') === undefined) {
    sent.push('Transfer-Encoding', 'chunked')
  }
  return sent
}

/** Operations in which S3 works on whole objects before, or while, it answers. */
const slowOperations: ReadonlySet<string> = new Set([
  'CompleteMultipartUpload',
  'CopyObject',
  'UploadPartCopy',
  'DeleteObjects',
  'SelectObjectContent',
])
/** How long S3 may be silent in those: completing or copying 5 GiB and more takes minutes. */
const slowTimeouts = { firstByteMs: 600_000, idleMs: 600_000 }

/**
 * Sends the client's request to the store: method, target and signed headers byte for byte. A client that goes ends
 * the exchange only until the answer's head is there; from then on the body has an owner who cancels it, and that may
 * be a fill that others read.
 */
export async function sendUpstream(
  upstream: UpstreamClient,
  exchange: Exchange,
  classified: Classified,
  headers: RawHeaders,
  body: ByteSource | undefined,
): Promise<UpstreamResponse> {
  const { responder } = exchange
  const controller = new AbortController()
  const stopListening = responder.onGone(() => controller.abort())
  try {
    return await upstream.send({
      origin: classified.route.origin,
      method: exchange.head.method,
      target: classified.route.target,
      headers,
      body: body === undefined ? undefined : { source: body },
      signal: controller.signal,
      timeouts: slowOperations.has(classified.operation.name) ? slowTimeouts : undefined,
      onInformational: (status, informational) => responder.informational(status, informational),
    })
  } finally {
    stopListening()
  }
}

/** `headers` with their Range, if any, replaced by `range`. Only for a Range that the client did not sign. */
export function withRange(headers: RawHeaders, range: ByteRange): string[] {
  const replaced = filterHeaders(headers, (name) => name !== 'range')
  replaced.push('Range', `bytes=${range.start}-${range.end - 1}`)
  return replaced
}
