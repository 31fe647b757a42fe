import { type ByteSource, type ProxyError, type ResponseHead, toProxyError } from '@s3proxy/protocol'
import type { Answer } from './answer.ts'
import type { Responder } from './exchange.ts'
import { cacheHeaders } from './heads.ts'

/** How sending an answer ended. */
export type Delivery =
  | { readonly kind: 'complete' }
  /** The client left. */
  | { readonly kind: 'gone' }
  /** The source of the body broke, and with it the client's connection. */
  | { readonly kind: 'broken'; readonly error: ProxyError }

/** Sends an answer: its head, then its body as fast as the client takes it. A body that breaks breaks the connection. */
export async function deliver(
  responder: Responder,
  answer: Answer & { readonly kind: 'response' },
  close: boolean,
): Promise<Delivery> {
  const head: ResponseHead = { ...answer.head, headers: [...answer.head.headers, ...cacheHeaders(answer.cache)] }
  const { body } = answer
  if (responder.gone) {
    body?.cancel()
    return { kind: 'gone' }
  }
  const stopListening = responder.onGone(() => body?.cancel())
  try {
    responder.head(head, close)
    if (body !== undefined) await pump(body, responder)
    if (responder.gone) return { kind: 'gone' }
    responder.end()
    return { kind: 'complete' }
  } catch (error) {
    if (responder.gone) return { kind: 'gone' }
    responder.destroy()
    body?.cancel()
    return { kind: 'broken', error: toProxyError(error, 'upstream') }
  } finally {
    stopListening()
  }
}

async function pump(body: ByteSource, responder: Responder): Promise<void> {
  while (!responder.gone) {
    const next = body.next()
    const chunk = next instanceof Promise ? await next : next
    if (chunk === null || responder.gone) return
    const written = responder.write(chunk, body.recycle === undefined ? undefined : () => body.recycle?.(chunk))
    if (written !== undefined) await written
  }
}
