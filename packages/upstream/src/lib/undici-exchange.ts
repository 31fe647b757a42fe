import type { ProxyError } from '@s3proxy/protocol'
import type { Dispatcher } from 'undici'
import type { UpstreamRequest } from './client.ts'
import { abortedError, exchangeError, timeoutError, truncatedError } from './node-error.ts'
import { renderHead } from './request-head.ts'
import { type BodyFeed, ResponseBody } from './response-body.ts'
import { type Attempt, createInterimRelay, type SenderOptions, statusError } from './sender.ts'
import type { Connection, Outbox, OutgoingHead } from './verbatim-connector.ts'

/**
 * One request over one connection of undici, from the queue to the last byte of the answer. `resolve` is called once;
 * `release` last, when undici is done with it.
 */
export function createExchange(
  request: UpstreamRequest,
  options: SenderOptions,
  outbox: Outbox,
  resolve: (attempt: Attempt) => void,
  release: () => void,
): Dispatcher.DispatchHandler {
  return new Exchange(request, options, outbox, resolve, release)
}

/** A class, since it is made for every request and undici calls eight of its methods. */
class Exchange implements Dispatcher.DispatchHandler, OutgoingHead, BodyFeed {
  readonly head: string
  readonly #request: UpstreamRequest
  readonly #options: SenderOptions
  readonly #outbox: Outbox
  readonly #resolve: (attempt: Attempt) => void
  readonly #release: () => void
  #controller: Dispatcher.DispatchController | undefined
  #connection: Connection | undefined
  #reused = false
  readonly #startedAt: number
  /** When the head was written; undefined while the request waits for a connection. */
  #writtenAt: number | undefined
  #answerBegun = false
  #relay: ReturnType<typeof createInterimRelay> | undefined
  #body: ResponseBody | undefined
  /** Why we ended the exchange ourselves. */
  #givenUp: ProxyError | undefined
  #timer: unknown

  constructor(
    request: UpstreamRequest,
    options: SenderOptions,
    outbox: Outbox,
    resolve: (attempt: Attempt) => void,
    release: () => void,
  ) {
    this.head = renderHead(request.method, request.target, request.headers)
    this.#request = request
    this.#options = options
    this.#outbox = outbox
    this.#resolve = resolve
    this.#release = release
    this.#startedAt = options.clock.monotonic()
    this.#arm(this.#firstByteMs())
    request.signal.addEventListener('abort', this)
  }

  /** The signal fired. */
  handleEvent(): void {
    this.#giveUp(abortedError(this.#request.signal))
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller
    if (this.#givenUp === undefined) this.#outbox.next = this
    else controller.abort(this.#givenUp)
  }

  onWritten(connection: Connection): void {
    this.#connection = connection
    this.#reused = connection.requests > 1
    this.#writtenAt = this.#options.clock.monotonic()
  }

  onResponseStarted(): void {
    this.#answerBegun = true
  }

  onResponseStart(
    controller: Dispatcher.DispatchController,
    status: number,
    _headers: unknown,
    reason: string | undefined,
  ): void {
    const headers = rawHeaders(controller)
    if (status < 200) {
      this.#relay ??= createInterimRelay(this.#request)
      this.#relay(status, headers)
      return
    }
    const invalid = statusError(status)
    if (invalid !== undefined) throw invalid
    this.#disarm()
    const { clock, settings, endpoint } = this.#options
    this.#body = new ResponseBody(this, {
      clock,
      maxBufferedBytes: settings.maxBufferedBytes,
      idleTimeoutMs: this.#request.timeouts?.idleMs ?? settings.idleTimeoutMs,
    })
    this.#resolve({
      kind: 'answered',
      response: { status, reason: reason ?? '', headers, body: this.#body, remoteAddress: endpoint.address },
    })
  }

  onResponseData(_controller: Dispatcher.DispatchController, chunk: Buffer): void {
    this.#body?.push(chunk)
  }

  onResponseEnd(): void {
    this.#finish()
    // undici takes a reset as the end of a body that has no length
    if (this.#connection?.broken === undefined) this.#body?.end()
    else this.#body?.fail(truncatedError(this.#connection.broken))
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    this.#finish()
    if (this.#body === undefined) this.#resolve(this.#failure(error))
    else this.#body.fail(truncatedError(error))
  }

  pause(): void {
    this.#controller?.pause()
  }

  resume(): void {
    this.#controller?.resume()
  }

  abort(error: ProxyError | undefined): void {
    this.#controller?.abort(error ?? new Error('cancelled'))
  }

  #failure(error: Error): Attempt {
    if (this.#givenUp !== undefined) return { kind: 'failed', error: this.#givenUp }
    const failure = exchangeError(error)
    if (this.#writtenAt === undefined) return { kind: 'unreachable', error: failure }
    return { kind: this.#reused && !this.#answerBegun ? 'stale' : 'failed', error: failure }
  }

  /** Ends the exchange for a reason of our own. One that still waits for a connection is dropped when it gets one. */
  #giveUp(error: ProxyError): void {
    if (this.#givenUp !== undefined) return
    this.#givenUp = error
    this.#disarm()
    if (this.#body !== undefined) this.#body.destroy(error)
    else this.#resolve({ kind: 'failed', error })
    this.#controller?.abort(error)
  }

  #arm(delayMs: number): void {
    this.#timer = this.#options.clock.setTimeout(() => this.#onTimer(), delayMs)
  }

  /**
   * The timer runs from the start, so that most requests set one only; here it learns how long is really left: a request
   * that still waits for a connection has the time for connecting on top.
   */
  #onTimer(): void {
    this.#timer = undefined
    const waits = this.#writtenAt === undefined
    const endsAt = (this.#writtenAt ?? this.#startedAt + this.#options.settings.connectTimeoutMs) + this.#firstByteMs()
    const leftMs = endsAt - this.#options.clock.monotonic()
    if (leftMs > 0) this.#arm(Math.ceil(leftMs))
    else this.#giveUp(timeoutError(waits ? 'no-free-connection' : 'first-byte-timeout'))
  }

  #firstByteMs(): number {
    return this.#request.timeouts?.firstByteMs ?? this.#options.settings.firstByteTimeoutMs
  }

  #disarm(): void {
    if (this.#timer !== undefined) this.#options.clock.clearTimeout(this.#timer)
    this.#timer = undefined
  }

  #finish(): void {
    this.#disarm()
    this.#request.signal.removeEventListener('abort', this)
    this.#release()
  }
}

function rawHeaders({ rawHeaders }: Dispatcher.DispatchController): string[] {
  if (!Array.isArray(rawHeaders)) return []
  return rawHeaders.map((part: Buffer | string) => (typeof part === 'string' ? part : part.toString('latin1')))
}
