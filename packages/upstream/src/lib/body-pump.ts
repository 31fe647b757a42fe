import type { ClientRequest } from 'node:http'
import { type ByteSource, ProxyError, toProxyError } from '@s3proxy/protocol'
import type { Clock } from './clock.ts'
import { timeoutError } from './node-error.ts'
import type { Framing } from './request-head.ts'

/** Moves the body of a request from its source to the connection, no faster than the store takes it. */
export interface BodyPump {
  /** Begins, unless it has begun or was stopped. */
  start(): void
  /** Ends it early: nothing more is pulled or written. */
  stop(): void
  /** `sent` once every byte has been handed to the connection. */
  readonly state: 'waiting' | 'sending' | 'sent' | 'stopped'
}

/** What a {@link BodyPump} is made of. */
export interface BodyPumpOptions {
  readonly source: ByteSource
  readonly framing: Framing
  readonly outgoing: ClientRequest
  /** Longest time the store may take no bytes at all, in milliseconds. */
  readonly idleTimeoutMs: number
  readonly clock: Clock
  /** Every byte has been sent. */
  readonly onSent: () => void
  /** The source broke, does not keep to its framing, or the store stalled. */
  readonly onFailure: (error: ProxyError) => void
}

/** Makes a pump that has not begun. */
export function createBodyPump(options: BodyPumpOptions): BodyPump {
  const { source, framing, outgoing, onSent } = options
  let state: BodyPump['state'] = 'waiting'
  let sentBytes = 0
  let wake: (() => void) | undefined

  const drained = (): Promise<void> =>
    new Promise((resolve) => {
      const timer = options.clock.setTimeout(() => fail(timeoutError('idle-timeout')), options.idleTimeoutMs)
      wake = () => {
        wake = undefined
        options.clock.clearTimeout(timer)
        outgoing.off('drain', wakeNow)
        resolve()
      }
      outgoing.on('drain', wakeNow)
    })
  const wakeNow = (): void => wake?.()
  const fail = (error: ProxyError): void => {
    if (state === 'stopped') return
    stop()
    options.onFailure(error)
  }
  const stop = (): void => {
    state = 'stopped'
    wakeNow()
  }
  const finish = (): void => {
    state = 'sent'
    outgoing.end()
    onSent()
  }
  /** Takes one chunk; answers whether the connection wants more at once. */
  const write = (chunk: Uint8Array): boolean => {
    sentBytes += chunk.length
    if (state === 'sent' || (framing.kind === 'length' && sentBytes > framing.bytes)) throw mismatch('longer')
    const wantsMore = outgoing.write(chunk)
    if (framing.kind === 'length' && sentBytes === framing.bytes) finish()
    return wantsMore || is('sent')
  }
  const run = async (): Promise<void> => {
    if (framing.kind === 'length' && framing.bytes === 0) finish()
    while (!is('stopped')) {
      const next = source.next()
      if (next instanceof Promise && sentBytes === 0 && !is('sent')) outgoing.flushHeaders()
      const chunk = next instanceof Promise ? await next : next
      if (is('stopped')) return
      if (chunk === null) {
        if (is('sent')) return
        if (framing.kind === 'length') throw mismatch('shorter')
        return finish()
      }
      if (!write(chunk)) await drained()
    }
  }
  /** Asked by a function, since `state` also changes where the type checker cannot see it. */
  const is = (asked: BodyPump['state']): boolean => state === asked

  return {
    start() {
      if (state !== 'waiting') return
      state = 'sending'
      run().catch((error) => fail(toProxyError(error, 'client')))
    },
    stop,
    get state() {
      return state
    },
  }
}

function mismatch(how: 'longer' | 'shorter'): ProxyError {
  return new ProxyError('InvalidRequest', {
    source: 'client',
    reason: 'length-mismatch',
    message: `The body is ${how} than its Content-Length.`,
  })
}
