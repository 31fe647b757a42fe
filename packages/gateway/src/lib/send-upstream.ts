import {
  type ByteRange,
  type ByteSource,
  endToEndHeaders,
  filterHeaders,
  headerValue,
  minRunBytes,
  type RawHeaders,
} from '@s3proxy/protocol'
import type { UpstreamResponse } from '@s3proxy/upstream'
import { Cancellation } from './cancellation.ts'
import { chargedSource } from './charged-source.ts'
import type { Classified } from './decide.ts'
import type { Exchange } from './exchange.ts'
import type { Parts } from './parts.ts'

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

/** What a fill begins with: the accounts of body, window, first reader and bytes on their way to the disk. */
export const fillBytes = 4 * minRunBytes

/**
 * Sends the client's request to the store: method, target and signed headers byte for byte. A client that goes ends
 * the exchange only until the answer's head is there; from then on the body has an owner who cancels it, and that may
 * be a fill that others read. `neededBytes` is what the work begins with; rejects as SlowDown if there is no such room.
 */
export async function sendUpstream(
  parts: Parts,
  exchange: Exchange,
  classified: Classified,
  headers: RawHeaders,
  body: ByteSource | undefined,
  neededBytes = minRunBytes,
): Promise<UpstreamResponse> {
  const { responder } = exchange
  const admitted = parts.budget.admit(exchange.priority ?? 'demand', neededBytes)
  if (admitted !== undefined) await admitted
  const account = parts.budget.open()
  account.hold(neededBytes)
  const cancellation = new Cancellation()
  const stopListening = responder.onGone(() => cancellation.fire())
  try {
    const response = await parts.upstream.send({
      origin: classified.route.origin,
      method: exchange.head.method,
      target: classified.route.target,
      headers,
      body: body === undefined ? undefined : { source: body },
      signal: cancellation,
      timeouts: slowOperations.has(classified.operation.name) ? slowTimeouts : undefined,
      onInformational: (status, informational) => responder.informational(status, informational),
    })
    account.hold(minRunBytes)
    if (!isBodyless(exchange, response)) return { ...response, body: chargedSource(response.body, account) }
    account.close()
    return response
  } catch (error) {
    account.close()
    throw error
  } finally {
    stopListening()
  }
}

/** Whether the answer cannot have a body (RFC 9110 section 6.4.1). */
export function isBodyless(exchange: Exchange, { status }: UpstreamResponse): boolean {
  return exchange.head.method === 'HEAD' || status === 204 || status === 304
}

/** `headers` with their Range, if any, replaced by `range`. Only for a Range that the client did not sign. */
export function withRange(headers: RawHeaders, range: ByteRange): string[] {
  const replaced = filterHeaders(headers, (name) => name !== 'range')
  replaced.push('Range', `bytes=${range.start}-${range.end - 1}`)
  return replaced
}
