import type { ByteSource, RawHeaders } from '@s3proxy/protocol'

/** Where a request goes: the store as the client named it, before resolution and overrides. */
export interface Origin {
  readonly scheme: 'http' | 'https'
  /** Lower-case host name or IP literal (IPv6 without brackets); also the TLS server name. */
  readonly hostname: string
  /** 1 to 65535. */
  readonly port: number
}

/** A body on its way up, sent as it comes. */
export interface UpstreamBody {
  /**
   * Pulled to its end once the store takes it. Cancelled, with nothing more pulled, when the exchange fails or the store
   * gives its final answer before the whole body was sent; never pulled at all if that is before `100 Continue`.
   */
  readonly source: ByteSource
}

/** Limits of one request that differ from the client's own, in milliseconds. */
export interface RequestTimeouts {
  /** Longest time from the end of the request to the head of the answer. */
  readonly firstByteMs?: number | undefined
  /** Longest silence of the store inside a body; CompleteMultipartUpload and select streams need a long one. */
  readonly idleMs?: number | undefined
}

/** Told when a {@link CancelSignal} fires. */
export type CancelListener = (() => void) | { handleEvent(): void }

/** What of an `AbortSignal` a request needs: that is one, but costs more than all the rest of a small request's own objects. */
export interface CancelSignal {
  readonly aborted: boolean
  readonly reason: unknown
  addEventListener(type: 'abort', listener: CancelListener): void
  removeEventListener(type: 'abort', listener: CancelListener): void
}

/** One request to a store. */
export interface UpstreamRequest {
  readonly origin: Origin
  readonly method: string
  /** Origin-form path and query, byte for byte as the client sent them. */
  readonly target: string
  /** Sent verbatim and in order, `Host` included; the client adds nothing but `Connection`. */
  readonly headers: RawHeaders
  /** Undefined for a request without a body; its framing is what `headers` say (Content-Length or chunked). */
  readonly body: UpstreamBody | undefined
  /** Ends the exchange at any point; the connection is then closed. */
  readonly signal: CancelSignal
  /** Called for each 1xx answer but 101, in order, before the response resolves. */
  readonly onInformational?: (status: number, headers: RawHeaders) => void
  /** Default: the client's settings. */
  readonly timeouts?: RequestTimeouts | undefined
}

/** The final answer of a store. */
export interface UpstreamResponse {
  /** 200 to 599. */
  readonly status: number
  readonly reason: string
  readonly headers: RawHeaders
  /** Ends cleanly only if the body arrived whole by its own framing; `cancel` closes the connection. */
  readonly body: ByteSource
  /**
   * Has what is still to come of the body read to its place in `destination`, memory as long as the body: the pieces that
   * `body` then gives lie there, each written once. A matter of speed alone; not every body can do it.
   */
  readonly readInto?: ((destination: Buffer) => void) | undefined
  /** Address that answered, for logs. */
  readonly remoteAddress: string | undefined
}

/**
 * Sends requests to stores. Never follows redirects, never adds credentials, never changes bytes. Failures are
 * `ProxyError`s of source `upstream`: `ServiceUnavailable` (resolution), `BadGateway` (connection, protocol),
 * `UpstreamTlsError`, `GatewayTimeout` (connect, first byte, idle), `UpstreamTruncated` (short body),
 * `ClientClosed` (source `client`, when `signal` fired).
 */
export interface UpstreamClient {
  send(request: UpstreamRequest): Promise<UpstreamResponse>
  /** Closes idle connections and waits for those in use. */
  close(): Promise<void>
}
