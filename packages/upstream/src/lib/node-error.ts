import { ProxyError } from '@s3proxy/protocol'
import type { CancelSignal } from './client.ts'

/** Errors of the system that mean no route to the peer, or that it refused: another address may answer. */
const connectCodes: ReadonlySet<string> = new Set([
  'EADDRNOTAVAIL',
  'EAFNOSUPPORT',
  'ECONNABORTED',
  'ECONNREFUSED',
  'ECONNRESET',
  'EHOSTDOWN',
  'EHOSTUNREACH',
  'EINVAL',
  'EMFILE',
  'ENETDOWN',
  'ENETUNREACH',
  'EPIPE',
])

/**
 * A failed connection attempt. `phase` is how far it had come. Retryable means that another address may do better; a
 * certificate that is not accepted is not retryable, and never leads to a weaker connection.
 */
export function connectError(error: Error, phase: 'tcp' | 'tls'): ProxyError {
  const code = errorCode(error)
  if (code === 'ETIMEDOUT') return connectTimeout(error)
  if (phase === 'tls') {
    return new ProxyError('UpstreamTlsError', {
      source: 'upstream',
      retryable: connectCodes.has(code),
      reason: 'tls-failed',
      cause: error,
    })
  }
  return new ProxyError('BadGateway', { source: 'upstream', retryable: true, reason: 'connect-failed', cause: error })
}

/** A connection attempt that took too long. */
export function connectTimeout(cause?: unknown): ProxyError {
  return new ProxyError('GatewayTimeout', { source: 'upstream', retryable: true, reason: 'connect-timeout', cause })
}

/** A connection that broke, or spoke no valid HTTP, before the head of the answer was complete. */
export function exchangeError(error: Error): ProxyError {
  if (error instanceof ProxyError) return error
  const code = errorCode(error)
  if (code.startsWith('HPE_')) return malformedError(undefined, error)
  return new ProxyError(code === 'ETIMEDOUT' ? 'GatewayTimeout' : 'BadGateway', {
    source: 'upstream',
    retryable: true,
    reason: 'connection-lost',
    cause: error,
  })
}

/** An answer that is not valid HTTP, and would be no better the next time. */
export function malformedError(detail: string | undefined, cause?: unknown): ProxyError {
  return new ProxyError('BadGateway', {
    source: 'upstream',
    reason: 'malformed-answer',
    cause,
    ...(detail === undefined ? {} : { message: `The answer of the store is not valid: ${detail}.` }),
  })
}

/** A body that broke off for `cause`, be it the connection or its own coding. */
export function truncatedError(cause?: unknown): ProxyError {
  return new ProxyError('UpstreamTruncated', { source: 'upstream', retryable: true, reason: 'truncated', cause })
}

/** The store said nothing for too long. */
export function timeoutError(reason: 'first-byte-timeout' | 'idle-timeout' | 'no-free-connection'): ProxyError {
  return new ProxyError('GatewayTimeout', { source: 'upstream', retryable: true, reason })
}

/** The signal of the request fired. */
export function abortedError(signal: CancelSignal): ProxyError {
  const reason: unknown = signal.reason
  if (reason instanceof ProxyError) return reason
  return new ProxyError('ClientClosed', { source: 'client', reason: 'aborted', cause: reason })
}

function errorCode(error: Error): string {
  return 'code' in error && typeof error.code === 'string' ? error.code : ''
}
