import { type ByteSource, type ProxyError, type RawHeaders, type ResponseHead, toProxyError } from '@s3proxy/protocol'
import type { Answer } from './answer.ts'
import type { Responder } from './exchange.ts'
import { cacheHeaders } from './heads.ts'
import { HitHead } from './hit-head.ts'

/** How sending an answer ended. */
export type Delivery =
  | { readonly kind: 'complete' }
  /** The client left. */
  | { readonly kind: 'gone' }
  /** The source of the body broke, and with it the client's connection. */
  | { readonly kind: 'broken'; readonly error: ProxyError }

/**
 * Sends an answer: its head, then its body as fast as the client takes it. A body that breaks breaks the connection. A
 * promise only if the body or the client had to be waited for.
 */
export function deliver(
  responder: Responder,
  answer: Answer & { readonly kind: 'response' },
  close: boolean,
): Delivery | Promise<Delivery> {
  const { body } = answer
  if (responder.gone) return gone(body)
  try {
    responder.head(withFields(answer.head, cacheHeaders(answer.cache)), close)
    const waiting = body === undefined ? undefined : pump(body, responder)
    return waiting === undefined ? ended(responder, body) : endedLater(responder, body, waiting)
  } catch (error) {
    return broken(responder, body, error)
  }
}

function withFields(head: ResponseHead, fields: RawHeaders): ResponseHead {
  return head instanceof HitHead ? head.with(fields) : { ...head, headers: [...head.headers, ...fields] }
}

const complete: Delivery = { kind: 'complete' }
const left: Delivery = { kind: 'gone' }

function gone(body: ByteSource | undefined): Delivery {
  body?.cancel()
  return left
}

function ended(responder: Responder, body: ByteSource | undefined): Delivery {
  if (responder.gone) return gone(body)
  responder.end()
  return complete
}

function broken(responder: Responder, body: ByteSource | undefined, error: unknown): Delivery {
  if (responder.gone) return gone(body)
  responder.destroy()
  body?.cancel()
  return { kind: 'broken', error: toProxyError(error, 'upstream') }
}

/** Waits for the rest, and lets go of the body as soon as the client leaves. */
async function endedLater(
  responder: Responder,
  body: ByteSource | undefined,
  waiting: Promise<void>,
): Promise<Delivery> {
  const stopListening = responder.onGone(() => body?.cancel())
  try {
    await waiting
    return ended(responder, body)
  } catch (error) {
    return broken(responder, body, error)
  } finally {
    stopListening()
  }
}

/** Runs as far as bytes and client are ready, then waits and goes on. */
function pump(body: ByteSource, responder: Responder): undefined | Promise<void> {
  while (!responder.gone) {
    const next = body.next()
    if (next instanceof Promise) return pumpOn(body, responder, next, undefined)
    if (next === null || responder.gone) return undefined
    const written = write(body, responder, next)
    if (written !== undefined) return pumpOn(body, responder, undefined, written)
  }
  return undefined
}

async function pumpOn(
  body: ByteSource,
  responder: Responder,
  next: Promise<Uint8Array | null> | undefined,
  written: Promise<void> | undefined,
): Promise<void> {
  if (written !== undefined) await written
  let awaited = next
  while (!responder.gone) {
    const chunk = await (awaited ?? body.next())
    awaited = undefined
    if (chunk === null || responder.gone) return
    await write(body, responder, chunk)
  }
}

/** The chunk's memory goes back to its source when the connection has finished with it. */
function write(body: ByteSource, responder: Responder, chunk: Uint8Array): void | Promise<void> {
  return body.recycle === undefined ? responder.write(chunk) : responder.write(chunk, () => body.recycle?.(chunk))
}
