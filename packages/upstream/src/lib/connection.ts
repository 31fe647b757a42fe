import type { OnReadOpts, Socket } from 'node:net'
import type { Deadline, Deadlines } from './deadlines.ts'
import { timeoutError } from './node-error.ts'
import type { AnswerHead } from './wire/answer-head.ts'
import { type AnswerEvents, AnswerParser } from './wire/answer-parser.ts'
import { ReadBuffer } from './wire/read-buffer.ts'
import type { Slabs } from './wire/slabs.ts'

/** The request that a {@link Connection} serves. */
export interface Exchange {
  readonly method: string
  /** Longest time from the end of the request to the head of the answer, in milliseconds. */
  readonly firstByteMs: number
  /** Whether the store is told to close the connection after its answer. */
  readonly closes: boolean
  onInterim(head: AnswerHead): void
  /** The head of the final answer. */
  onHead(head: AnswerHead): void
  /** Bytes of the body, to be kept or given back to the slabs. */
  onBody(piece: Buffer): void
  /** The answer is whole. Called last, unless `onBroken` is. */
  onEnd(): void
  /** The connection broke before the answer was whole. Called last. */
  onBroken(error: Error): void
}

/** What a {@link Connection} is made of. */
export interface ConnectionOptions {
  readonly maxHeadBytes: number
  /** Longest time without a request, in milliseconds. */
  readonly keepAliveMs: number
  readonly deadlines: Deadlines
  /** Memory shared by all connections. */
  readonly scratch: Buffer
  /** Memory of bodies, of all connections. */
  readonly slabs: Slabs
  /** It can take another request. */
  readonly onIdle: (connection: Connection) => void
  /** It has been closed, or is being closed; nothing else will be called. */
  readonly onGone: (connection: Connection) => void
}

/**
 * One connection to a store: writes the head of one request at a time and reads its answer. It closes itself when the
 * store does, when anything comes that nobody asked for, and when nobody has used it for long.
 */
export class Connection implements AnswerEvents, Deadline {
  /** How its socket is to read. */
  readonly reader: OnReadOpts = {
    buffer: () => this.#buffer.target(this.#parser.missingBytes),
    callback: (count) => this.#onRead(count),
  }
  dueAt = Number.POSITIVE_INFINITY
  readonly #options: ConnectionOptions
  readonly #parser: AnswerParser
  readonly #buffer: ReadBuffer
  #socket: Socket | undefined
  #exchange: Exchange | undefined
  /** Head of the final answer under way, or the last one. */
  #head: AnswerHead | undefined
  #requests = 0
  #answerBegun = false
  #paused = false
  #flushing = false
  #gone = false

  constructor(options: ConnectionOptions) {
    this.#options = options
    this.#parser = new AnswerParser(this, options.maxHeadBytes)
    this.#buffer = new ReadBuffer(options.scratch, (piece) => this.#exchange?.onBody(piece), options.slabs)
  }

  /** Takes over a socket that was made with {@link reader} and is connected. */
  open(socket: Socket): void {
    this.#socket = socket
    socket.on('end', () => this.#onEnd())
    socket.on('error', (error) => this.close(error))
    socket.on('close', () => this.close())
  }

  /** Whether an earlier request was answered over it, and no byte has come for the one under way. */
  get isStale(): boolean {
    return this.#requests > 1 && !this.#answerBegun
  }

  /** Waits for a request. */
  rest(idleMs: number = this.#options.keepAliveMs): void {
    if (this.#paused) this.resume()
    this.#options.deadlines.set(this, idleMs)
    this.#options.onIdle(this)
  }

  /** Sends `head`, all of a request, in latin-1. It must be open and idle. */
  send(exchange: Exchange, head: string): void {
    this.#exchange = exchange
    this.#requests++
    this.#answerBegun = false
    this.#parser.begin(exchange.method)
    this.#options.deadlines.set(this, exchange.firstByteMs)
    this.#socket?.write(head, 'latin1')
  }

  /** Stops reading; what is under way may still come. */
  pause(): void {
    this.#paused = true
    this.#socket?.pause()
  }

  resume(): void {
    this.#paused = false
    this.#socket?.resume()
  }

  /** Ends it at once; an answer under way fails with `error`. */
  close(error: Error = new Error('the store closed the connection')): void {
    if (this.#gone) return
    this.#buffer.abandon()
    const exchange = this.#leave()
    if (this.#parser.isDone) exchange?.onEnd()
    else exchange?.onBroken(error)
  }

  /** Reads what is still to come of the body of `exchange` to its place in `destination`, which is as long as the whole. */
  readInto(exchange: Exchange, destination: Buffer): void {
    if (this.#exchange === exchange) this.#buffer.into(destination)
  }

  /** There was no answer, or no request, for too long. */
  onLate(): void {
    this.close(timeoutError('first-byte-timeout'))
  }

  onInterim(head: AnswerHead): void {
    this.#exchange?.onInterim(head)
  }

  onHead(head: AnswerHead): void {
    this.#head = head
    this.dueAt = Number.POSITIVE_INFINITY
    this.#exchange?.onHead(head)
  }

  onRun(bytes: Buffer, start: number, end: number): void {
    this.#buffer.keep(bytes, start, end, this.#parser.missingBytes)
  }

  #onRead(count: number): boolean {
    if (this.#exchange === undefined) {
      this.close(new Error('the store sent what nobody asked for'))
      return true
    }
    if (this.#parser.isDone) {
      this.#finish(true)
      return true
    }
    this.#answerBegun = true
    const { bytes, filled } = this.#buffer
    const end = this.#buffer.advance(count)
    const isFull = end === bytes.length
    let at = end
    try {
      at = this.#parser.take(bytes, filled, end)
    } catch (error) {
      this.close(toError(error))
    }
    if (this.#gone) return true
    if (!this.#parser.isDone) this.#keepReading()
    else if (isFull && at === end) this.#finishLater()
    else this.#finish(at < end)
    return true
  }

  /** Bytes are given away when the memory is full or when the event loop has read all there was. */
  #keepReading(): void {
    this.#buffer.settle()
    if (this.#flushing || !this.#buffer.isReady) return
    this.#flushing = true
    setImmediate(this.#flush)
  }

  readonly #flush = (): void => {
    this.#flushing = false
    this.#buffer.flush()
  }

  /** The read ended where the body does: whatever else has come shows before the event loop turns. */
  #finishLater(): void {
    const exchange = this.#exchange
    this.#buffer.end()
    setImmediate(() => {
      if (!this.#gone && this.#exchange === exchange) this.#finish(false)
    })
  }

  /** The answer is whole. `hasSurplus` says that something follows it, so what comes next cannot be trusted. */
  #finish(hasSurplus: boolean): void {
    this.#buffer.end()
    const idleMs = Math.min(this.#options.keepAliveMs, hintedMs(this.#head))
    if (hasSurplus || this.#exchange?.closes !== false || this.#head?.reusable !== true || idleMs <= 0) {
      this.#leave()?.onEnd()
      return
    }
    const exchange = this.#exchange
    this.#exchange = undefined
    this.rest(idleMs)
    exchange?.onEnd()
  }

  /** The store has ended the connection. */
  #onEnd(): void {
    if (!this.#parser.endsWithConnection) {
      this.close()
      return
    }
    this.#buffer.end()
    this.#leave()?.onEnd()
  }

  /** Closes the socket, and gives back the exchange that was under way. */
  #leave(): Exchange | undefined {
    const exchange = this.#exchange
    this.#gone = true
    this.#exchange = undefined
    this.#options.deadlines.delete(this)
    this.#socket?.destroy()
    this.#options.onGone(this)
    return exchange
  }
}

/** How long the store says it keeps an idle connection, with a second to spare for what is under way. */
function hintedMs(head: AnswerHead | undefined): number {
  return head?.keepAliveSeconds === undefined ? Number.POSITIVE_INFINITY : (head.keepAliveSeconds - 1) * 1_000
}

function toError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error))
}
