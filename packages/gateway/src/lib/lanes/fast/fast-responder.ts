import type { Socket } from 'node:net'
import type { ResponseHead } from '@s3proxy/protocol'
import type { Responder } from '../../exchange.ts'
import { HitHead } from '../../hit-head.ts'
import { type FormattedHead, formatHead, formatHitHead } from './format-head.ts'
import type { LaneContext } from './lane-context.ts'

/** Body bytes up to which they are copied behind the head: one write of one buffer costs less than two buffers. */
const copiedBytes = 16 * 1024
/** A head of that many characters has room before them in the scratch buffer. */
const copiedHeadLength = 64 * 1024

/** What a responder needs of its connection. */
export interface Line {
  readonly socket: Socket
  readonly context: LaneContext
}

/** The answer to one request of the fast lane. */
export class FastResponder implements Responder {
  readonly #line: Line
  readonly #bodyAllowed: boolean
  #close: boolean
  #gone = false
  #ended = false
  #bytesSent = 0
  #head: FormattedHead | undefined
  #isHeadSent = false
  #listeners: Set<() => void> | undefined
  #wake: (() => void) | undefined

  constructor(line: Line, bodyAllowed: boolean, close: boolean) {
    this.#line = line
    this.#bodyAllowed = bodyAllowed
    this.#close = close
  }

  get gone(): boolean {
    return this.#gone
  }

  get started(): boolean {
    return this.#head !== undefined
  }

  get bytesSent(): number {
    return this.#bytesSent
  }

  /** Whether the whole answer was handed to the connection. */
  get ended(): boolean {
    return this.#ended
  }

  /** Whether the connection may be used for another request. */
  get keepsConnection(): boolean {
    return this.#ended && !this.#close
  }

  onGone(listener: () => void): () => void {
    if (this.#gone) {
      listener()
      return () => undefined
    }
    this.#listeners ??= new Set()
    this.#listeners.add(listener)
    return () => this.#listeners?.delete(listener)
  }

  informational(status: number): void {
    if (this.#gone || this.#head !== undefined) return
    if (status === 102) this.#line.socket.write('HTTP/1.1 102 Processing\r\n\r\n', 'latin1')
  }

  head(head: ResponseHead, close: boolean): void {
    if (this.#gone) return
    const { context } = this.#line
    this.#close ||= close || context.isDraining()
    const framing = {
      bodyAllowed: this.#bodyAllowed,
      close: this.#close,
      keepAliveSeconds: context.keepAliveSeconds,
      date: context.dateOf(context.now()),
    }
    this.#head = head instanceof HitHead ? formatHitHead(head, framing) : formatHead(head, framing)
  }

  write(chunk: Uint8Array, onFlushed?: () => void): undefined | Promise<void> {
    const head = this.#head
    if (this.#gone || head === undefined || head.body === 'none') return undefined
    this.#bytesSent += chunk.length
    if (head.body === 'length' && this.#bytesSent > head.length) throw new RangeError('more bytes than announced')
    const { socket } = this.#line
    if (
      !this.#isHeadSent &&
      head.body === 'length' &&
      chunk.length <= copiedBytes &&
      head.text.length <= copiedHeadLength
    ) {
      this.#isHeadSent = true
      this.#sendCopy(head.text, chunk)
      onFlushed?.()
    } else {
      socket.cork()
      this.#sendHead(head)
      if (head.body === 'chunked') socket.write(`${chunk.length.toString(16)}\r\n`, 'latin1')
      socket.write(chunk, onFlushed)
      if (head.body === 'chunked') socket.write('\r\n', 'latin1')
      socket.uncork()
    }
    return socket.writableLength >= socket.writableHighWaterMark ? this.#drained() : undefined
  }

  end(): void {
    const head = this.#head
    if (this.#gone || head === undefined) return
    if (head.body === 'length' && this.#bytesSent !== head.length) throw new RangeError('fewer bytes than announced')
    this.#sendHead(head)
    if (head.body === 'chunked') this.#line.socket.write('0\r\n\r\n', 'latin1')
    this.#ended = true
  }

  destroy(): void {
    // A reset, not an orderly close: that is how HTTP/1.0 says that a body without a length is complete.
    this.#line.socket.resetAndDestroy()
    this.lost()
  }

  /** The connection has closed, or its other side has. */
  lost(): void {
    if (this.#gone || this.#ended) return
    this.#gone = true
    this.drain()
    const listeners = this.#listeners
    this.#listeners = undefined
    if (listeners !== undefined) for (const listener of [...listeners]) listener()
  }

  /** The connection takes more bytes. */
  drain(): void {
    const wake = this.#wake
    this.#wake = undefined
    wake?.()
  }

  #drained(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve
    })
  }

  #sendHead(head: FormattedHead): void {
    if (this.#isHeadSent) return
    this.#isHeadSent = true
    this.#line.socket.write(head.text, 'latin1')
  }

  #sendCopy(text: string, chunk: Uint8Array): void {
    const { socket, context } = this.#line
    const buffer = context.scratch.take()
    const headLength = buffer.write(text, 0, 'latin1')
    buffer.set(chunk, headLength)
    socket.write(buffer.subarray(0, headLength + chunk.length))
    if (socket.writableLength > 0) context.scratch.leave()
  }
}
