import type { Socket } from 'node:net'
import { makeRequestId, ProxyError } from '@s3proxy/protocol'
import { FastResponder } from './fast-responder.ts'
import type { LaneContext } from './lane-context.ts'
import type { Sender } from './outbox.ts'
import { type FastHead, parseHead } from './parse-head.ts'
import { PendingBytes } from './pending-bytes.ts'
import { unsentBytes } from './shared-reads.ts'

/** What a connection is doing, and so which time limit it is under. */
export type ConnectionState =
  /** Nothing has come yet. */
  | 'fresh'
  /** An answer has gone, and nothing has come since. */
  | 'idle'
  /** A head is arriving. */
  | 'head'
  /** A request is being answered, or its answer is on its way. */
  | 'busy'
  /** Its last answer is on its way. */
  | 'closing'
  /** It belongs to somebody else, or to nobody. */
  | 'over'

/** How long a connection may stay in a state, milliseconds. */
export interface TimeLimits {
  readonly freshMs: number
  readonly headMs: number
  readonly idleMs: number
  /** Without any byte moving. */
  readonly stallMs: number
}

/** Bytes of requests to come that are kept while an answer is under way; then no more are read. */
const lookAheadBytes = 64 * 1024

/** What a connection is made of. */
export interface ConnectionOptions {
  readonly socket: Socket
  readonly context: LaneContext
  /** Gives the socket to `node:http`, with bytes of it that were read but not used. */
  readonly handOver: (unread: Buffer) => void
}

/** One client on the fast lane: its requests are answered one after the other. */
export class Connection implements Sender {
  readonly socket: Socket
  readonly context: LaneContext
  state: ConnectionState = 'fresh'
  waits = false
  /** When the state began or something last moved, milliseconds since the epoch. */
  since: number
  readonly #remoteAddress: string
  readonly #pending = new PendingBytes()
  #responder: FastResponder | undefined
  #isPaused = false
  #progress = 0

  readonly #handOver: (unread: Buffer) => void

  constructor({ socket, context, handOver }: ConnectionOptions) {
    this.socket = socket
    this.context = context
    this.#handOver = handOver
    this.since = context.now()
    this.#remoteAddress = socket.remoteAddress ?? '-'
  }

  /** Bytes have come. False: read no more. */
  receive(bytes: Buffer, length: number): boolean {
    switch (this.state) {
      case 'closing':
      case 'over':
        return true
      case 'busy':
        this.#pending.append(bytes, 0, length)
        this.#isPaused = this.#pending.length >= lookAheadBytes
        return !this.#isPaused
      case 'head':
        this.#pending.append(bytes, 0, length)
        this.#continueHead()
        return true
      case 'fresh':
      case 'idle': {
        const used = this.#serve(bytes, 0, length)
        if (used < length) this.#pending.append(bytes, used, length)
        return true
      }
    }
  }

  /** What was written has gone to the kernel. */
  drained(): void {
    if (this.#responder !== undefined) this.#responder.drain()
    else if (this.state === 'busy') this.#proceed()
  }

  /** An answer that waited was given to the socket: the next one waits until the client has taken it. */
  sent(): void {
    if (this.state === 'idle' && this.#isBackedUp()) this.state = 'busy'
  }

  /** The other side has closed, or the connection is gone. */
  lost(): void {
    const responder = this.#responder
    if (this.state !== 'over') this.state = 'closing'
    responder?.lost()
  }

  /** Ends what has taken too long. */
  sweep(now: number, limits: TimeLimits): void {
    const waited = now - this.since
    switch (this.state) {
      case 'fresh':
        if (waited >= limits.freshMs) this.#finish()
        break
      case 'idle':
        if (waited >= limits.idleMs) this.#finish()
        break
      case 'head':
        if (waited < limits.headMs) break
        this.state = 'closing'
        this.since = now
        this.context.refuse(this.socket, new ProxyError('RequestTimeout', { source: 'client', reason: 'slow-head' }))
        break
      case 'busy':
      case 'closing': {
        const progress = this.socket.bytesRead + this.socket.bytesWritten - unsentBytes(this.socket)
        if (progress !== this.#progress) {
          this.#progress = progress
          this.since = now
        } else if (waited >= limits.stallMs) this.socket.destroy()
        break
      }
    }
  }

  /** Closes the connection if it has had an answer and nothing is under way: a new one may be about to bring a request. */
  closeIfIdle(): void {
    if (this.state === 'idle') this.#finish()
  }

  /** Answers the requests that stand whole in `bytes`; returns where what is left begins. */
  #serve(bytes: Buffer, start: number, end: number): number {
    let position = start
    while (position < end) {
      const head = parseHead(bytes, position, end, this.context)
      if (head === 'incomplete') {
        this.state = 'head'
        this.since = this.context.now()
        return position
      }
      if (head === 'unclear') {
        this.state = 'over'
        this.context.outbox.flush()
        this.#handOver(Buffer.from(bytes.subarray(position, end)))
        return end
      }
      position = head.end
      this.#answer(head)
      if (this.state === 'busy') return position
      if (this.state !== 'idle') return end
    }
    return end
  }

  #answer(head: FastHead): void {
    const { context } = this
    const responder = new FastResponder(this, head.method === 'GET', head.close)
    this.#responder = responder
    this.state = 'busy'
    const now = context.now()
    this.since = now
    const handled = context.gateway.handle({
      requestId: makeRequestId(context.random),
      startedAt: now,
      remoteAddress: this.#remoteAddress,
      head,
      body: undefined,
      responder,
    })
    if (handled === undefined) this.#answered(responder)
    else
      void handled.then(() => {
        this.#answered(responder)
        if (this.state === 'idle') this.#proceed()
      })
  }

  /** The gateway has done with a request. */
  #answered(responder: FastResponder): void {
    this.#responder = undefined
    if (this.state !== 'busy') return
    this.since = this.context.now()
    if (!responder.keepsConnection) this.#finish()
    // The next answer waits until the client has taken this one: what waits in memory stays bounded.
    else if (!this.#isBackedUp()) this.state = 'idle'
  }

  #isBackedUp(): boolean {
    return this.socket.writableLength >= this.socket.writableHighWaterMark
  }

  /** Goes on with what was read ahead. */
  #proceed(): void {
    this.state = 'idle'
    if (this.#pending.length > 0) {
      const { bytes, length } = this.#pending.take()
      const used = this.#serve(bytes, 0, length)
      if (used < length) this.#pending.append(bytes, used, length)
    }
    if (this.#isPaused && this.#pending.length < lookAheadBytes) {
      this.#isPaused = false
      this.socket.resume()
    }
  }

  /** More of a head has come: it is read again only when its end is there or it cannot become one of ours. */
  #continueHead(): void {
    const isDue = this.#pending.endsHead() || this.#pending.length >= this.context.maxHeadBytes
    if (!isDue) return
    const since = this.since
    const { bytes, length } = this.#pending.take()
    const used = this.#serve(bytes, 0, length)
    if (used === 0) this.since = since
    if (used < length) this.#pending.append(bytes, used, length)
  }

  /** The connection closes when what was written has gone. */
  #finish(): void {
    this.state = 'closing'
    this.since = this.context.now()
    if (this.waits) this.context.outbox.flush()
    this.socket.destroySoon()
  }
}
