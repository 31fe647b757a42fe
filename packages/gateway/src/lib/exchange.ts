import type { ByteSource, RawHeaders, RequestHead, ResponseHead } from '@s3proxy/protocol'
import type { Priority } from './budget.ts'

/**
 * Where an answer goes. A lane implements it for one request; only the pipeline calls it. `head` once, then `write` as
 * often as needed, then `end` or `destroy`.
 */
export interface Responder {
  /** Whether the client has gone before the answer was complete. */
  readonly gone: boolean
  /** Calls `listener` once if the client goes, at once if it has gone; the returned function takes it off again. */
  onGone(listener: () => void): () => void
  /** Whether `head` was called: from then on a failure can only break the connection. */
  readonly started: boolean
  /** Body bytes handed to the connection so far. */
  readonly bytesSent: number
  /** Relays a 1xx answer; ignored once `head` was called. */
  informational(status: number, headers: RawHeaders): void
  /** `close`: the connection is not to be used again. */
  head(head: ResponseHead, close: boolean): void
  /**
   * A promise means: wait before the next chunk (the client is slow); it also resolves when the client has gone. There is
   * one whenever 64 KiB or more wait in the connection. `onFlushed` is called at most once, when nothing will read the
   * memory of `chunk` again; never if that is not certain.
   */
  write(chunk: Uint8Array, onFlushed?: () => void): void | Promise<void>
  end(): void
  /** Breaks the connection, so that the client cannot take what it got for the whole. */
  destroy(): void
}

/** One request on its way through the gateway. */
export interface Exchange {
  /** 16 hex digits, upper case; sent as `x-amz-request-id` where the proxy itself answers. */
  readonly requestId: string
  /** Milliseconds since the epoch. */
  readonly startedAt: number
  readonly remoteAddress: string
  readonly head: RequestHead
  /** Undefined for a request without a body. */
  readonly body: ByteSource | undefined
  readonly responder: Responder
  /** Who comes first when memory is short. Default `demand`: a client waits. */
  readonly priority?: Priority
}
