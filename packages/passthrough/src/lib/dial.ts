import { connect, type Socket } from 'node:net'
import { ProxyError } from '@s3proxy/protocol'
import type { Clock } from './clock.ts'

/** One place to connect to. */
export interface TunnelEndpoint {
  /** IP literal, IPv6 without brackets. */
  readonly address: string
  readonly port: number
}

/**
 * Opens a connection to a host. Rejects with a `ProxyError`: `AccessDenied`, `ServiceUnavailable` (no address),
 * `BadGateway`, `GatewayTimeout`, `ClientClosed` (the signal fired).
 */
export type Dial = (host: string, port: number, signal: AbortSignal) => Promise<Socket>

/** What {@link createDial} is made of. */
export interface DialOptions {
  /** Where `host` may be reached, in the order in which to try; where destinations are checked. Rejects with a `ProxyError`. */
  readonly locate: (host: string, port: number) => readonly TunnelEndpoint[] | Promise<readonly TunnelEndpoint[]>
  /** Longest time for one connection attempt, in milliseconds; two such in all. */
  readonly connectTimeoutMs: number
  readonly clock: Clock
}

/** How long a connection is silent before TCP asks whether the peer is alive. */
const tcpKeepAliveDelayMs = 15_000
const maxAddressesTried = 8

/** A dialler that goes through the addresses of a host until one can be connected to. Never resolves a name itself. */
export function createDial({ locate, connectTimeoutMs, clock }: DialOptions): Dial {
  return async (host, port, signal) => {
    const endpoints = await locate(host, port)
    const begunAt = clock.monotonic()
    let failure = new ProxyError('ServiceUnavailable', { source: 'upstream', reason: 'no-address' })
    for (const endpoint of endpoints.slice(0, maxAddressesTried)) {
      const result = await attempt(endpoint, signal, connectTimeoutMs, clock)
      if (result.kind === 'connected') return result.socket
      failure = result.error
      if (signal.aborted || clock.monotonic() - begunAt >= 2 * connectTimeoutMs) break
    }
    throw failure
  }
}

type Attempt =
  | { readonly kind: 'connected'; readonly socket: Socket }
  | { readonly kind: 'failed'; readonly error: ProxyError }

function attempt(
  { address, port }: TunnelEndpoint,
  signal: AbortSignal,
  timeoutMs: number,
  clock: Clock,
): Promise<Attempt> {
  if (signal.aborted) return Promise.resolve({ kind: 'failed', error: aborted() })
  return new Promise((resolve) => {
    const socket = connect({
      host: address,
      port,
      noDelay: true,
      keepAlive: true,
      keepAliveInitialDelay: tcpKeepAliveDelayMs,
      allowHalfOpen: true,
    })
    // whoever gets the socket listens too, but in a later turn, and a socket given up may report once more
    socket.on('error', () => undefined)
    const settle = (result: Attempt): void => {
      clock.clearTimeout(timer)
      signal.removeEventListener('abort', onAbort)
      socket.off('connect', onConnect).off('error', onError)
      if (result.kind === 'failed') socket.destroy()
      resolve(result)
    }
    const fail = (error: ProxyError): void => settle({ kind: 'failed', error })
    const onConnect = (): void => settle({ kind: 'connected', socket })
    const onError = (cause: Error): void => {
      const code = 'code' in cause && cause.code === 'ETIMEDOUT' ? 'GatewayTimeout' : 'BadGateway'
      fail(new ProxyError(code, { source: 'upstream', retryable: true, reason: 'connect-failed', cause }))
    }
    const onAbort = (): void => fail(aborted())
    const timer = clock.setTimeout(
      () => fail(new ProxyError('GatewayTimeout', { source: 'upstream', retryable: true, reason: 'connect-timeout' })),
      timeoutMs,
    )
    signal.addEventListener('abort', onAbort)
    socket.on('connect', onConnect).on('error', onError)
  })
}

function aborted(): ProxyError {
  return new ProxyError('ClientClosed', { source: 'client', reason: 'aborted' })
}
