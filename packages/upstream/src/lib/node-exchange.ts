import { type Agent, type ClientRequest, request as httpRequest, type IncomingMessage } from 'node:http'
import { type ProxyError, toProxyError } from '@s3proxy/protocol'
import { createBodyPump } from './body-pump.ts'
import type { UpstreamRequest } from './client.ts'
import { abortedError, exchangeError, timeoutError, truncatedError } from './node-error.ts'
import type { HeadFacts } from './request-head.ts'
import { ResponseBody, type ResponseBodyLimits } from './response-body.ts'
import { type Attempt, createInterimRelay, type SenderOptions, statusError } from './sender.ts'

/** What one exchange is made of. */
export interface ExchangeOptions extends SenderOptions {
  readonly request: UpstreamRequest
  readonly facts: HeadFacts
  readonly agent: Agent
  /** The first call counts. */
  readonly settle: (attempt: Attempt) => void
  /** Called last, when the connection is free or closed. */
  readonly release: () => void
}

/** One request over one connection of node:http, from the wait for that connection to the last byte of the answer. */
export function exchange(options: ExchangeOptions): void {
  const { request, facts, endpoint, clock, settings, agent, settle, release } = options
  const firstByteMs = request.timeouts?.firstByteMs ?? settings.firstByteTimeoutMs
  const idleTimeoutMs = request.timeouts?.idleMs ?? settings.idleTimeoutMs
  let timer: unknown
  let connected = false
  let answerBegun = false
  const relay = createInterimRelay(request)
  let body: ResponseBody | undefined
  let givenUp: ProxyError | undefined

  const outgoing: ClientRequest = httpRequest({
    agent,
    host: endpoint.address,
    port: endpoint.port,
    method: request.method,
    path: request.target,
    headers: [...request.headers],
    setHost: false,
    maxHeaderSize: settings.maxResponseHeadBytes,
  })
  // the bytes of the head are bounded; Node would drop fields beyond a number without a word
  outgoing.maxHeadersCount = 0
  const pump = createBodyPump({
    source: request.body?.source ?? { next: () => null, cancel: () => undefined },
    framing: facts.framing.kind === 'none' ? { kind: 'length', bytes: 0 } : facts.framing,
    outgoing,
    idleTimeoutMs,
    clock,
    onSent: () => watch(firstByteMs, () => giveUp(timeoutError('first-byte-timeout'))),
    onFailure: (error) => giveUp(error),
  })
  const watch = (delayMs: number, onTimer: () => void): void => {
    unwatch()
    timer = clock.setTimeout(onTimer, delayMs)
  }
  const unwatch = (): void => {
    if (timer !== undefined) clock.clearTimeout(timer)
    timer = undefined
  }
  const giveUp = (error: ProxyError): void => {
    if (givenUp !== undefined) return
    givenUp = error
    unwatch()
    pump.stop()
    if (body === undefined) settle({ kind: 'failed', error })
    else body.destroy(error)
    outgoing.destroy()
  }
  const onAbort = (): void => giveUp(abortedError(request.signal))
  const failure = (error: Error): Attempt => {
    const failed = exchangeError(error)
    if (!connected) return { kind: 'unreachable', error: failed }
    const untouched = outgoing.reusedSocket && !answerBegun && pump.state === 'waiting'
    return { kind: untouched ? 'stale' : 'failed', error: failed }
  }

  request.signal.addEventListener('abort', onAbort)
  outgoing.on('socket', () => {
    connected = true
    unwatch()
    if (facts.expectsContinue) watch(settings.continueTimeoutMs, () => pump.start())
    else pump.start()
  })
  outgoing.on('information', ({ statusCode, rawHeaders }) => {
    answerBegun = true
    try {
      relay(statusCode, rawHeaders)
    } catch (error) {
      giveUp(toProxyError(error, 'client'))
    }
    if (statusCode !== 100 || givenUp !== undefined) return
    if (pump.state === 'waiting') unwatch()
    pump.start()
  })
  outgoing.on('response', (incoming) => {
    unwatch()
    if (givenUp !== undefined) return
    const status = incoming.statusCode ?? 0
    const invalid = statusError(status)
    if (invalid !== undefined) {
      giveUp(invalid)
      return
    }
    // An answer before the whole request was sent: the rest never will be, so the connection is of no more use.
    const early = pump.state !== 'sent'
    if (early) {
      pump.stop()
      request.body?.source.cancel()
      incoming.on('end', () => outgoing.destroy())
    }
    const { maxBufferedBytes, budget } = settings
    body = receive(incoming, outgoing, { clock, idleTimeoutMs, maxBufferedBytes, budget })
    const { statusMessage: reason = '', rawHeaders: headers } = incoming
    settle({ kind: 'answered', response: { status, reason, headers, body, remoteAddress: endpoint.address } })
  })
  outgoing.on('error', (error) => {
    unwatch()
    const attempt = failure(error)
    pump.stop()
    if (body === undefined) settle(attempt)
  })
  outgoing.on('close', () => {
    unwatch()
    // an answer that switches protocols nobody asked to switch closes without an error
    if (body === undefined && givenUp === undefined) settle(failure(new Error('closed without an answer')))
    request.signal.removeEventListener('abort', onAbort)
    release()
  })
}

/** The body of `incoming` as a source. */
function receive(incoming: IncomingMessage, outgoing: ClientRequest, limits: ResponseBodyLimits): ResponseBody {
  const body = new ResponseBody(
    { pause: () => incoming.pause(), resume: () => incoming.resume(), abort: () => outgoing.destroy() },
    limits,
  )
  incoming.on('data', (chunk: Buffer) => body.push(chunk))
  incoming.on('end', () => {
    // Node takes a reset as the end of a body that has no length
    const broken = isUnframed(incoming) ? incoming.socket?.errored : undefined
    if (broken) body.fail(truncatedError(broken))
    else if (incoming.complete) body.end()
  })
  incoming.on('error', (error) => body.fail(truncatedError(error)))
  incoming.on('close', () => body.fail(truncatedError()))
  return body
}

/** Whether the body ends with the connection (RFC 9112 section 6.3, case 8). */
function isUnframed({ headers }: IncomingMessage): boolean {
  return headers['content-length'] === undefined && headers['transfer-encoding'] === undefined
}
