import type { ResponseHead } from '@s3proxy/protocol'
import type { Responder } from '../../exchange.ts'
import { HitHead } from '../../hit-head.ts'
import { type FormattedHead, formatHead, formatHitHead } from './format-head.ts'
import type { LaneContext } from './lane-context.ts'
import { maxAnswerBytes, type Sender } from './outbox.ts'
import { lengthOf, writeHead } from './ready-heads.ts'

/** What a responder needs of its connection. */
export interface Line extends Sender {
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
    this.#keepOrder()
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
    this.#head = head instanceof HitHead ? formatHitHead(head, framing, context.readyHeads) : formatHead(head, framing)
  }

  write(chunk: Uint8Array, onFlushed?: () => void): undefined | Promise<void> {
    const head = this.#head
    if (this.#gone || head === undefined || head.body === 'none') return undefined
    this.#bytesSent += chunk.length
    if (head.body === 'length' && this.#bytesSent > head.length) throw new RangeError('more bytes than announced')
    const { socket, context } = this.#line
    const isSmall = lengthOf(head.bytes) + chunk.length <= maxAnswerBytes
    if (!this.#isHeadSent && head.body === 'length' && isSmall) {
      this.#isHeadSent = true
      context.outbox.put(this.#line, head.bytes, chunk)
      onFlushed?.()
    } else {
      this.#keepOrder()
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
    if (!this.#isHeadSent && lengthOf(head.bytes) <= maxAnswerBytes && head.body !== 'chunked') {
      this.#isHeadSent = true
      this.#line.context.outbox.put(this.#line, head.bytes, nothing)
    } else if (!this.#isHeadSent || head.body === 'chunked') {
      this.#keepOrder()
      this.#sendHead(head)
      if (head.body === 'chunked') this.#line.socket.write('0\r\n\r\n', 'latin1')
    }
    this.#ended = true
  }

  destroy(): void {
    this.#keepOrder()
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
    const { bytes } = head
    if (typeof bytes === 'string') {
      this.#line.socket.write(bytes, 'latin1')
      return
    }
    const own = Buffer.allocUnsafe(lengthOf(bytes))
    writeHead(own, 0, bytes)
    this.#line.socket.write(own)
  }

  /** What waits goes first. */
  #keepOrder(): void {
    if (this.#line.waits) this.#line.context.outbox.flush()
  }
}

const nothing = new Uint8Array(0)
