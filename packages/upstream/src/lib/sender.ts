import type { ProxyError, RawHeaders } from '@s3proxy/protocol'
import type { UpstreamRequest, UpstreamResponse } from './client.ts'
import type { Clock } from './clock.ts'
import type { Deadlines } from './deadlines.ts'
import type { Dial, Endpoint } from './dial.ts'
import { malformedError } from './node-error.ts'
import type { ResolvedUpstreamOptions } from './options.ts'
import type { HeadFacts } from './request-head.ts'
import type { Slabs } from './wire/slabs.ts'

/** How one attempt to send a request over one connection ended. */
export type Attempt =
  | { readonly kind: 'answered'; readonly response: UpstreamResponse }
  /** There was no connection, so nothing was sent. */
  | { readonly kind: 'unreachable'; readonly error: ProxyError }
  /** A kept connection broke before any byte of an answer came and before any byte of a body was asked for. */
  | { readonly kind: 'stale'; readonly error: ProxyError }
  | { readonly kind: 'failed'; readonly error: ProxyError }

/** Which connection an attempt may use. */
export type ConnectionChoice = 'pooled' | 'fresh'

/** Sends requests to one endpoint of one origin. */
export interface Sender {
  /** Never rejects. `request` has passed `inspectHead`, whose answer is `facts`. */
  send(request: UpstreamRequest, facts: HeadFacts, choice: ConnectionChoice): Promise<Attempt>
  /** Exchanges that have not let go of their connection. */
  readonly active: number
  /** Closes idle connections at once, and each one in use when its exchange is over; resolves after the last. */
  close(): Promise<void>
}

/** What a {@link Sender} is made of. */
export interface SenderOptions {
  readonly endpoint: Endpoint
  readonly dial: Dial
  readonly clock: Clock
  readonly deadlines: Deadlines
  /** Memory that every connection may read into; see {@link ReadBuffer}. */
  readonly scratch: Buffer
  /** Memory of bodies, of all connections. */
  readonly slabs: Slabs
  readonly settings: ResolvedUpstreamOptions
}

/** 1xx answers to one request at most; a store that sends more is broken or hostile. */
const maxInformational = 64

/** Passes on the 1xx answers to `request`; the function throws once there are too many. */
export function createInterimRelay(request: UpstreamRequest): (status: number, headers: RawHeaders) => void {
  let count = 0
  return (status, headers) => {
    if (++count > maxInformational) throw malformedError('there are too many informational answers')
    request.onInformational?.(status, headers)
  }
}

/** The failure of an answer whose status no final answer has (RFC 9110 section 15), or undefined if it is a good one. */
export function statusError(status: number): ProxyError | undefined {
  return status >= 200 && status <= 599 ? undefined : malformedError('its status is not one of HTTP')
}
