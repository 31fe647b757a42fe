import type { RawHeaders } from '@s3proxy/protocol'

/** How the body of an answer is framed. `none`: there is none. */
export type Framing = 'length' | 'chunked' | 'none'

/** One exchange as the store sees it, whatever carries it. */
export interface StoreIo {
  readonly method: string
  readonly target: string
  readonly headers: RawHeaders
  /** Whether the proxy has gone. */
  readonly gone: boolean
  /** Reads the request's body to its end. */
  body(): Promise<{ readonly kind: 'complete'; readonly bytes: Buffer } | { readonly kind: 'broken' }>
  /** Sends the head of the final answer. */
  head(status: number, headers: RawHeaders, framing: Framing): Promise<void>
  /** Sends bytes of the body; resolves when they were taken or nobody wants them any more. */
  write(bytes: Uint8Array): Promise<void>
  /** The body is complete. */
  finish(): Promise<void>
  /** Ends the connection, in order or not. */
  breakOff(how: 'closes' | 'breaks'): void
  /** Sends what is no answer, and closes. */
  garbage(): Promise<void>
}
