import { Agent, type AgentOptions, type ClientRequest, request as httpRequest, type IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import type { ProxyError } from '@s3proxy/protocol'
import { createBodyPump } from './body-pump.ts'
import type { UpstreamRequest } from './client.ts'
import type { Dial } from './dial.ts'
import { abortedError, exchangeError, timeoutError, truncatedError } from './node-error.ts'
import type { HeadFacts } from './request-head.ts'
import { ResponseBody } from './response-body.ts'
import { type Attempt, maxInformational, type Sender, type SenderOptions } from './sender.ts'

/** Sends requests that have a body or expect `100 Continue`, through node:http, which relays 1xx answers. */
export function createNodeSender(options: SenderOptions): Sender {
  const { settings, dial } = options
  const agent = new DialAgent(dial, {
    keepAlive: true,
    maxSockets: settings.maxConnectionsPerAddress,
    timeout: settings.uploadKeepAliveMs,
  })
  let active = 0
  let onIdle: (() => void) | undefined
  const release = (): void => {
    active--
    if (active === 0) onIdle?.()
  }
  return {
    send: (request, facts, choice) =>
      new Promise((resolve) => {
        active++
        exchange(request, facts, options, choice === 'pooled' ? agent : oneOffAgent(dial), resolve, release)
      }),
    get active() {
      return active
    },
    async close() {
      keepNothing(agent)
      if (active > 0) await new Promise<void>((resolve) => (onIdle = resolve))
      agent.destroy()
    },
  }
}

/** An agent whose connections are made by our own dialler. */
class DialAgent extends Agent {
  readonly #dial: Dial

  constructor(dial: Dial, options: AgentOptions) {
    super(options)
    this.#dial = dial
  }

  override createConnection(
    _options: unknown,
    callback?: (error: Error | null, socket: Duplex) => void,
  ): Duplex | null | undefined {
    // Node calls back with the error alone, though its type asks for a socket too.
    const done = callback as ((error: Error | null, socket?: Duplex) => void) | undefined
    this.#dial((result) => {
      if (result.kind === 'failed') {
        done?.(result.error)
        return
      }
      // Node writes a head that has to go ahead of its body in the socket's default encoding, which is UTF-8.
      result.socket.setDefaultEncoding('latin1')
      done?.(null, result.socket)
    })
    return undefined
  }
}

/** An agent for one request, whose connection is closed after it. */
function oneOffAgent(dial: Dial): Agent {
  const agent = new DialAgent(dial, { keepAlive: true })
  agent.maxFreeSockets = 0
  return agent
}

/** Closes idle connections now and those in use when they become free. */
function keepNothing(agent: Agent): void {
  agent.maxFreeSockets = 0
  for (const sockets of Object.values(agent.freeSockets)) {
    for (const socket of sockets ?? []) socket.destroy()
  }
}

/** One request over one connection. Calls `settle` once, then `release` when the connection is free or closed. */
function exchange(
  request: UpstreamRequest,
  facts: HeadFacts,
  { endpoint, clock, settings }: SenderOptions,
  agent: Agent,
  settle: (attempt: Attempt) => void,
  release: () => void,
): void {
  const firstByteMs = request.timeouts?.firstByteMs ?? settings.firstByteTimeoutMs
  const idleTimeoutMs = request.timeouts?.idleMs ?? settings.idleTimeoutMs
  let timer: unknown
  let connected = false
  let informational = 0
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
    const untouched = outgoing.reusedSocket && informational === 0 && pump.state === 'waiting'
    return { kind: untouched ? 'stale' : 'failed', error: failed }
  }

  watch(settings.connectTimeoutMs + firstByteMs, () => giveUp(timeoutError('no-free-connection')))
  request.signal.addEventListener('abort', onAbort)
  outgoing.on('socket', () => {
    connected = true
    unwatch()
    if (facts.expectsContinue) watch(settings.continueTimeoutMs, () => pump.start())
    else pump.start()
  })
  outgoing.on('information', ({ statusCode, rawHeaders }) => {
    if (++informational > maxInformational) return outgoing.destroy(new Error('too many informational answers'))
    request.onInformational?.(statusCode, rawHeaders)
    if (statusCode !== 100) return undefined
    if (pump.state === 'waiting') unwatch()
    return pump.start()
  })
  outgoing.on('response', (incoming: IncomingMessage) => {
    unwatch()
    if (givenUp !== undefined) return
    const early = pump.state !== 'sent'
    if (early) {
      pump.stop()
      request.body?.source.cancel()
    }
    const answer = new ResponseBody(
      { pause: () => incoming.pause(), resume: () => incoming.resume(), abort: () => outgoing.destroy() },
      { clock, idleTimeoutMs, maxBufferedBytes: settings.maxBufferedBytes },
    )
    body = answer
    incoming.on('data', (chunk: Buffer) => answer.push(chunk))
    incoming.on('end', () => {
      if (incoming.complete) answer.end()
      // the rest of the request will never be sent, so the connection is of no more use
      if (early) outgoing.destroy()
    })
    incoming.on('error', (error) => answer.fail(truncatedError(error)))
    incoming.on('close', () => answer.fail(truncatedError()))
    settle({
      kind: 'answered',
      response: {
        status: incoming.statusCode ?? 0,
        reason: incoming.statusMessage ?? '',
        headers: incoming.rawHeaders,
        body: answer,
        remoteAddress: endpoint.address,
      },
    })
  })
  outgoing.on('error', (error) => {
    unwatch()
    const attempt = failure(error)
    pump.stop()
    if (body === undefined) settle(attempt)
  })
  outgoing.on('close', () => {
    unwatch()
    request.signal.removeEventListener('abort', onAbort)
    release()
  })
}
