import { type ByteSource, endToEndHeaders, headerValue, type RawHeaders } from '@s3proxy/protocol'
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
      onInformational: (status, informational) => responder.informational(status, informational),
    })
  } finally {
    stopListening()
  }
}
