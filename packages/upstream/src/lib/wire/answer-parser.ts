import { malformedError } from '../node-error.ts'
import { type AnswerFraming, type AnswerHead, parseAnswerHead } from './answer-head.ts'
import { type ChunkedBody, createChunkedBody } from './chunked-body.ts'
import { createDelimited, type Delimited } from './delimited.ts'

/** Receives what an {@link AnswerParser} finds, within its calls. */
export interface AnswerEvents {
  /** A 1xx answer, but never 101. */
  onInterim(head: AnswerHead): void
  onHead(head: AnswerHead): void
  /** A run of bytes of the body, without any coding: `bytes[start, end)`, valid until the call returns. */
  onRun(bytes: Buffer, start: number, end: number): void
}

/**
 * Reads the answers that come over one connection, one for each `begin`. Strict: what is outside RFC 9112, or in doubt,
 * throws `BadGateway`, and the connection is of no more use.
 */
export class AnswerParser {
  readonly #events: AnswerEvents
  readonly #maxHeadBytes: number
  readonly #head: Delimited
  #method = ''
  #state: 'idle' | 'head' | 'length' | 'chunked' | 'close' | 'done' = 'idle'
  #missing = 0
  #chunks: ChunkedBody | undefined

  constructor(events: AnswerEvents, maxHeadBytes: number) {
    this.#events = events
    this.#maxHeadBytes = maxHeadBytes
    this.#head = createDelimited('\r\n\r\n', maxHeadBytes)
  }

  /** Waits for the answer to a request of `method`. */
  begin(method: string): void {
    this.#method = method
    this.#state = 'head'
  }

  /** Whether the answer is complete; what follows it on the connection belongs to none. */
  get isDone(): boolean {
    return this.#state === 'done'
  }

  /** Whether the end of the connection is the end of the answer. */
  get endsWithConnection(): boolean {
    return this.#state === 'close'
  }

  /** Bytes of the body still to come after those given so far: 0 outside of a body, Infinity if nobody knows. */
  get missingBytes(): number {
    if (this.#state === 'length') return this.#missing
    return this.#state === 'chunked' || this.#state === 'close' ? Number.POSITIVE_INFINITY : 0
  }

  /** Reads `bytes[start, end)` up to the end of the answer, and returns the offset it came to. */
  take(bytes: Buffer, start: number, end: number): number {
    let at = start
    while (at < end && this.#state === 'head') {
      const next = this.#head.take(bytes, at, end)
      if (next < 0) return end
      at = next
      this.#onHead(parseAnswerHead(this.#head.text, this.#method))
    }
    return at < end ? this.#takeBody(bytes, at, end) : at
  }

  #onHead(head: AnswerHead): void {
    if (head.status === 101) throw malformedError('it switches protocols, which nobody asked for')
    if (head.status < 200) {
      if (!head.reusable) throw malformedError('it ends the connection before the final answer')
      this.#events.onInterim(head)
      return
    }
    const { framing } = head
    this.#missing = framing.kind === 'length' ? framing.bytes : 0
    this.#state = stateFor(framing)
    if (framing.kind === 'chunked') {
      this.#chunks = createChunkedBody((...run) => this.#events.onRun(...run), this.#maxHeadBytes)
    }
    this.#events.onHead(head)
  }

  #takeBody(bytes: Buffer, start: number, end: number): number {
    switch (this.#state) {
      case 'length': {
        const runEnd = Math.min(end, start + this.#missing)
        this.#missing -= runEnd - start
        if (this.#missing === 0) this.#state = 'done'
        this.#events.onRun(bytes, start, runEnd)
        return runEnd
      }
      case 'chunked': {
        const next = this.#chunks?.take(bytes, start, end) ?? -1
        if (next < 0) return end
        this.#state = 'done'
        this.#chunks = undefined
        return next
      }
      case 'close':
        this.#events.onRun(bytes, start, end)
        return end
      default:
        return start
    }
  }
}

function stateFor(framing: AnswerFraming): 'length' | 'chunked' | 'close' | 'done' {
  if (framing.kind === 'none' || (framing.kind === 'length' && framing.bytes === 0)) return 'done'
  return framing.kind
}
