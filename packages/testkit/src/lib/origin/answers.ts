import type { RawHeaders } from '@s3proxy/protocol'
import type { Gate } from '../barrier.ts'
import { formatHead } from '../wire/head.ts'
import type { OriginHandler } from './exchange.ts'

/** What to answer. */
export interface Answer {
  /** Default 200. */
  readonly status?: number
  /** Default empty. */
  readonly reason?: string
  /** Sent as given, in order; the framing's own field comes after them. Default none. */
  readonly headers?: RawHeaders
  /** Text is latin-1. Default empty. */
  readonly body?: string | Uint8Array
  /**
   * `length` adds Content-Length; `chunked` adds Transfer-Encoding and sends one chunk; `close` closes after the body;
   * `given` adds nothing: `headers` and `body` are the whole truth, or the whole lie. Default `length`.
   */
  readonly framing?: 'length' | 'chunked' | 'close' | 'given'
}

/** Answers as told, after the request's body has been read; to HEAD with the head alone. */
export function answer(what: Answer): OriginHandler {
  return async (exchange) => {
    await exchange.readBody()
    await exchange.write(wholeAnswer(what, exchange.request.method))
    if (what.framing === 'close') exchange.end()
  }
}

/** Answers at once, with the request's body unread. */
export function answerEarly(what: Answer): OriginHandler {
  return async (exchange) => {
    await exchange.write(wholeAnswer(what, exchange.request.method))
    if (what.framing === 'close') exchange.end()
  }
}

/** Sends the head and `afterBytes` bytes of the body as framed, then closes (`end`) or breaks (`reset`) the connection. */
export function dieMidBody(what: Answer, afterBytes: number, how: 'end' | 'reset' = 'reset'): OriginHandler {
  return async (exchange) => {
    await exchange.readBody()
    await exchange.write(Buffer.concat([headBytes(what), bodyBytes(what).subarray(0, afterBytes)]))
    exchange[how]()
  }
}

/** Sends these bytes instead of an answer, then closes. */
export function garbage(bytes: string | Uint8Array): OriginHandler {
  return async (exchange) => {
    await exchange.write(bytes)
    exchange.end()
  }
}

/** Breaks the connection without a word. */
export function hangUp(how: 'end' | 'reset' = 'reset'): OriginHandler {
  return (exchange) => exchange[how]()
}

/** Never answers: holds the request until the client leaves. */
export function silence(): OriginHandler {
  return ({ gone }) =>
    new Promise((resolve) => {
      if (gone.aborted) resolve()
      else gone.addEventListener('abort', () => resolve(), { once: true })
    })
}

/** Sends an interim answer (default `100 Continue`), then goes on with `next`. */
export function interimThen(next: OriginHandler, status = 100, headers: RawHeaders = []): OriginHandler {
  return async (exchange) => {
    await exchange.write(formatHead(`HTTP/1.1 ${status} ${status === 100 ? 'Continue' : ''}`, headers))
    await next(exchange)
  }
}

/** Waits at `gate` before going on with `next`. */
export function behind(gate: Gate, next: OriginHandler): OriginHandler {
  return async (exchange) => {
    await gate.pass()
    await next(exchange)
  }
}

/** Sends head and first bytes, waits at `gate`, sends the rest. */
export function pauseMidBody(what: Answer, afterBytes: number, gate: Gate): OriginHandler {
  return async (exchange) => {
    await exchange.readBody()
    const body = bodyBytes(what)
    await exchange.write(Buffer.concat([headBytes(what), body.subarray(0, afterBytes)]))
    await gate.pass()
    await exchange.write(body.subarray(afterBytes))
    if (what.framing === 'close') exchange.end()
  }
}

/** Sends the head, then the body as the tap lets it through. */
export function drip(what: Answer, tap: Tap): OriginHandler {
  return async (exchange) => {
    await exchange.readBody()
    await exchange.write(headBytes(what))
    const body = bodyBytes(what)
    for (let position = 0; position < body.length; ) {
      const end = Math.min(body.length, position + (await tap.take()))
      if ((await exchange.write(body.subarray(position, end))) === 'gone') return
      position = end
    }
    if (what.framing === 'close') exchange.end()
  }
}

/** Lets bytes through as a test says. */
export interface Tap {
  /** Lets `bytes` more bytes through in one write. */
  release(bytes: number): void
  /** Lets everything through from now on. */
  open(): void
  /** The size of the next write. */
  take(): Promise<number>
}

/** A tap, closed at first. */
export function createTap(): Tap {
  const released: number[] = []
  const takers: ((bytes: number) => void)[] = []
  let isOpen = false
  return {
    release(bytes) {
      const taker = takers.shift()
      if (taker === undefined) released.push(bytes)
      else taker(bytes)
    },
    open() {
      isOpen = true
      for (const taker of takers.splice(0)) taker(Number.MAX_SAFE_INTEGER)
    },
    take() {
      const next = released.shift()
      if (next !== undefined) return Promise.resolve(next)
      if (isOpen) return Promise.resolve(Number.MAX_SAFE_INTEGER)
      return new Promise((resolve) => takers.push(resolve))
    },
  }
}

function wholeAnswer(what: Answer, method: string): Buffer {
  return method === 'HEAD' ? headBytes(what) : Buffer.concat([headBytes(what), bodyBytes(what)])
}

function headBytes({ status = 200, reason = '', headers = [], framing = 'length', body = '' }: Answer): Buffer {
  const own: string[] = []
  if (framing === 'length') own.push('Content-Length', String(body.length))
  if (framing === 'chunked') own.push('Transfer-Encoding', 'chunked')
  if (framing === 'close') own.push('Connection', 'close')
  return formatHead(`HTTP/1.1 ${status} ${reason}`, [...headers, ...own])
}

function bodyBytes({ framing, body = '' }: Answer): Buffer {
  const bytes = typeof body === 'string' ? Buffer.from(body, 'latin1') : Buffer.from(body)
  if (framing !== 'chunked') return bytes
  const chunk = bytes.length === 0 ? '' : `${bytes.length.toString(16)}\r\n${bytes.toString('latin1')}\r\n`
  return Buffer.from(`${chunk}0\r\n\r\n`, 'latin1')
}
