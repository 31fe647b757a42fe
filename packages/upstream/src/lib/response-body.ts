import { type BufferAccount, type ByteSource, type MemoryBudget, minRunBytes, ProxyError } from '@s3proxy/protocol'
import type { Clock } from './clock.ts'
import { timeoutError } from './node-error.ts'

/** The connection that feeds a body. */
export interface BodyFeed {
  /** Stops reading; what is under way may still be pushed. */
  pause(): void
  resume(): void
  /** Closes the connection. Nothing may be pushed after it. */
  abort(error: ProxyError | undefined): void
}

/** Bounds of a {@link ResponseBody}. */
export interface ResponseBodyLimits {
  /** Held before reading from the connection pauses; when memory is short, little more than a piece. */
  readonly maxBufferedBytes: number
  /** What is held is charged to it. */
  readonly budget: MemoryBudget
  /** Longest wait for the next bytes, in milliseconds, counted only while the reader waits too. */
  readonly idleTimeoutMs: number
  readonly clock: Clock
  /** Takes back what was pushed, when nobody will look at it again. Default: it is not used again. */
  readonly giveBack?: ((chunk: Uint8Array) => void) | undefined
}

/** Chunks held at most: a store that sends single bytes must not make us hold a quarter of a million buffers. */
const maxChunks = 256

interface Waiter {
  readonly resolve: (chunk: Uint8Array | null) => void
  readonly reject: (error: ProxyError) => void
}

/**
 * The body of an answer between the connection that fills it (`push`, `end`, `fail`) and the one reader that drains it
 * (`next`, `cancel`). Bytes that came before a failure are still delivered, then the failure.
 */
export class ResponseBody implements ByteSource {
  readonly #feed: BodyFeed
  readonly #limits: ResponseBodyLimits
  #chunks: Uint8Array[] = []
  #bufferedBytes = 0
  /** Open while anything is held. */
  #account: BufferAccount | undefined
  #paused = false
  #state: 'open' | 'ended' | 'failed' = 'open'
  #error: ProxyError | undefined
  #waiter: Waiter | undefined
  #timer: unknown

  constructor(feed: BodyFeed, limits: ResponseBodyLimits) {
    this.#feed = feed
    this.#limits = limits
  }

  /** Pauses the connection until the reader asks: what comes earlier would need memory that the reader may have itself. */
  awaitReader(): void {
    if (this.#paused || this.#state !== 'open') return
    this.#paused = true
    this.#feed.pause()
  }

  /** Adds bytes as they arrive. */
  push(chunk: Uint8Array): void {
    if (this.#state !== 'open' || chunk.length === 0) return
    const waiter = this.#takeWaiter()
    if (waiter !== undefined) {
      waiter.resolve(chunk)
      return
    }
    this.#chunks.push(chunk)
    this.#setBuffered(this.#bufferedBytes + chunk.length)
    if (!this.#paused && this.#isFull()) {
      this.#paused = true
      this.#feed.pause()
    }
  }

  /** The body arrived whole. */
  end(): void {
    if (this.#state !== 'open') return
    this.#state = 'ended'
    this.#takeWaiter()?.resolve(null)
  }

  /** The body broke off. */
  fail(error: ProxyError): void {
    if (this.#state !== 'open') return
    this.#state = 'failed'
    this.#error = error
    this.#takeWaiter()?.reject(error)
  }

  next(): Uint8Array | null | Promise<Uint8Array | null> {
    const chunk = this.#chunks.shift()
    if (chunk !== undefined) this.#setBuffered(this.#bufferedBytes - chunk.length)
    if (this.#paused && this.#state === 'open' && this.#isHalfEmpty()) {
      this.#paused = false
      this.#feed.resume()
    }
    if (chunk !== undefined) return chunk
    if (this.#error !== undefined) throw this.#error
    if (this.#state !== 'open') return null
    return new Promise((resolve, reject) => {
      this.#waiter = { resolve, reject }
      this.#timer = this.#limits.clock.setTimeout(() => {
        this.#timer = undefined
        const error = timeoutError('idle-timeout')
        this.fail(error)
        this.#feed.abort(error)
      }, this.#limits.idleTimeoutMs)
    })
  }

  recycle(chunk: Uint8Array): void {
    this.#limits.giveBack?.(chunk)
  }

  cancel(): void {
    this.#chunks = []
    this.#setBuffered(0)
    if (this.#state !== 'open') return
    this.fail(new ProxyError('ClientClosed', { source: 'client', reason: 'cancelled' }))
    this.#feed.abort(undefined)
  }

  /** Drops what is held and fails at once, for a reader that must not get another byte. */
  destroy(error: ProxyError): void {
    this.#chunks = []
    this.#setBuffered(0)
    this.fail(error)
  }

  #setBuffered(bytes: number): void {
    this.#bufferedBytes = bytes
    if (bytes === 0) {
      this.#account?.close()
      this.#account = undefined
      return
    }
    this.#account ??= this.#limits.budget.open()
    this.#account.hold(bytes)
  }

  get #maxBufferedBytes(): number {
    const { budget, maxBufferedBytes } = this.#limits
    return budget.fits(maxBufferedBytes) ? maxBufferedBytes : Math.min(maxBufferedBytes, minRunBytes)
  }

  #isFull(): boolean {
    return this.#bufferedBytes >= this.#maxBufferedBytes || this.#chunks.length >= maxChunks
  }

  #isHalfEmpty(): boolean {
    return this.#bufferedBytes * 2 <= this.#limits.maxBufferedBytes && this.#chunks.length * 2 <= maxChunks
  }

  #takeWaiter(): Waiter | undefined {
    const waiter = this.#waiter
    if (waiter === undefined) return undefined
    this.#waiter = undefined
    if (this.#timer !== undefined) this.#limits.clock.clearTimeout(this.#timer)
    this.#timer = undefined
    return waiter
  }
}
