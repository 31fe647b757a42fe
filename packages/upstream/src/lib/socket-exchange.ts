import { type ByteSource, ProxyError, toProxyError } from '@s3proxy/protocol'
import type { UpstreamRequest } from './client.ts'
import type { Connection, Exchange } from './connection.ts'
import { abortedError, exchangeError, truncatedError } from './node-error.ts'
import type { HeadFacts } from './request-head.ts'
import { type BodyFeed, ResponseBody } from './response-body.ts'
import { type Attempt, createInterimRelay, type SenderOptions } from './sender.ts'
import type { AnswerHead } from './wire/answer-head.ts'
import { slabBytes } from './wire/read-buffer.ts'

/** What one exchange is made of. */
export interface SocketExchangeOptions extends Pick<SenderOptions, 'clock' | 'endpoint' | 'settings' | 'slabs'> {
  readonly request: UpstreamRequest
  readonly facts: HeadFacts
  /** All of the request as it goes over the wire, in latin-1. */
  readonly head: string
  /** The first call counts. */
  readonly settle: (attempt: Attempt) => void
  /** Called once, last. */
  readonly release: () => void
}

/** One request over one connection, from the wait for that connection to the last byte of the answer. */
export class SocketExchange implements Exchange, BodyFeed {
  readonly method: string
  readonly firstByteMs: number
  readonly closes: boolean
  readonly #options: SocketExchangeOptions
  #connection: Connection | undefined
  #relay: ReturnType<typeof createInterimRelay> | undefined
  #body: ResponseBody | undefined
  #answered = false
  /** Why we ended it ourselves. */
  #givenUp: ProxyError | undefined

  constructor(options: SocketExchangeOptions) {
    const { request, settings } = options
    this.#options = options
    this.method = request.method
    this.closes = options.facts.closes
    this.firstByteMs = request.timeouts?.firstByteMs ?? settings.firstByteTimeoutMs
    request.signal.addEventListener('abort', this)
  }

  /** Whether it has ended without having been sent. */
  get isGivenUp(): boolean {
    return this.#givenUp !== undefined
  }

  /** Sends the request. */
  start(connection: Connection): void {
    this.#connection = connection
    connection.send(this, this.#options.head)
  }

  /** There is no connection, and nothing has been sent. */
  fail(error: ProxyError): void {
    this.#options.settle({ kind: 'unreachable', error })
    this.leave()
  }

  /** Ends it, given up before it was sent. */
  leave(): void {
    this.#options.request.signal.removeEventListener('abort', this)
    this.#options.release()
  }

  /** The signal fired. */
  handleEvent(): void {
    this.#giveUp(abortedError(this.#options.request.signal))
  }

  onInterim({ status, headers }: AnswerHead): void {
    this.#relay ??= createInterimRelay(this.#options.request)
    try {
      this.#relay(status, headers)
    } catch (error) {
      this.#giveUp(toProxyError(error, 'client'))
    }
  }

  onHead({ status, reason, headers, framing }: AnswerHead): void {
    if (this.#givenUp !== undefined) return
    this.#answered = true
    const { endpoint, settle } = this.#options
    const response = { status, reason, headers, remoteAddress: endpoint.address }
    if (framing.kind === 'none') settle({ kind: 'answered', response: { ...response, body: noBody } })
    else {
      const readInto = (destination: Buffer): void => this.#connection?.readInto(this, destination)
      const body = this.#openBody()
      if (framing.kind === 'length' && framing.bytes > slabBytes) body.awaitReader()
      settle({ kind: 'answered', response: { ...response, body, readInto } })
    }
  }

  onBody(piece: Buffer): void {
    this.#body?.push(piece)
  }

  onEnd(): void {
    this.#body?.end()
    this.leave()
  }

  onBroken(error: Error): void {
    this.#body?.fail(truncatedError(error))
    if (!this.#answered) this.#options.settle(this.#failure(error))
    this.leave()
  }

  pause(): void {
    this.#connection?.pause()
  }

  resume(): void {
    this.#connection?.resume()
  }

  abort(): void {
    this.#connection?.close()
  }

  #openBody(): ResponseBody {
    const { request, settings, clock, slabs } = this.#options
    const idleTimeoutMs = request.timeouts?.idleMs ?? settings.idleTimeoutMs
    const { maxBufferedBytes, budget } = settings
    this.#body = new ResponseBody(this, { clock, maxBufferedBytes, budget, idleTimeoutMs, giveBack: slabs.giveBack })
    return this.#body
  }

  #failure(error: Error): Attempt {
    if (this.#givenUp !== undefined) return { kind: 'failed', error: this.#givenUp }
    const failed = exchangeError(error)
    // what we found wrong ourselves is no sign of a connection closed at the wrong moment
    const isStale = !(error instanceof ProxyError) && this.#connection?.isStale === true
    return { kind: isStale ? 'stale' : 'failed', error: failed }
  }

  #giveUp(error: ProxyError): void {
    if (this.#givenUp !== undefined) return
    this.#givenUp = error
    if (this.#body !== undefined) this.#body.destroy(error)
    else this.#options.settle({ kind: 'failed', error })
    this.#connection?.close(error)
  }
}

/** What the answers to HEAD, 204 and 304 have. */
const noBody: ByteSource = { next: () => null, cancel: () => undefined }
