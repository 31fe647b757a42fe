import type { IncomingMessage } from 'node:http'
import { type ByteSource, ProxyError } from '@s3proxy/protocol'

/** A request's body as it comes from the client, or undefined if it has none (RFC 9112 section 6.3). */
export function requestBody(request: IncomingMessage): ByteSource | undefined {
  const { headers, method } = request
  const length = headers['content-length']
  if (headers['transfer-encoding'] === undefined) {
    if (length === undefined) return undefined
    // Some clients send a length of zero with a read; that is no body, and no reason to go past the cache.
    if (length === '0' && (method === 'GET' || method === 'HEAD')) return undefined
  }
  let iterator: AsyncIterator<Uint8Array> | undefined
  let cancelled = false
  return {
    async next() {
      if (cancelled) return null
      iterator ??= request.iterator({ destroyOnReturn: false }) as AsyncIterator<Uint8Array>
      try {
        const { done, value } = await iterator.next()
        if (done !== true) return value
        if (!request.complete && !cancelled) throw new Error('the request ended before its body was complete')
        return null
      } catch (cause) {
        throw new ProxyError('ClientClosed', { source: 'client', cause })
      }
    },
    cancel() {
      cancelled = true
    },
  }
}
