import { STATUS_CODES } from 'node:http'
import type { ResponseHead } from '@s3proxy/protocol'
import type { HitHead, ReadyHead } from '../../hit-head.ts'
import type { ReadyHeads } from './ready-heads.ts'

/** How an answer goes out on its connection. */
export interface Framing {
  /** Whether the request's method lets the answer have a body (HEAD does not). */
  readonly bodyAllowed: boolean
  /** The connection is not used again. */
  readonly close: boolean
  /** Seconds for which an idle connection is kept, as the client is told. */
  readonly keepAliveSeconds: number
  /** Now, as an HTTP date. */
  readonly date: string
}

/** A text in latin-1, or what many heads have in common and the id of this one. */
export type HeadBytes = string | { readonly ready: ReadyHead; readonly id: string }

/** A head ready to be sent, and how its body has to be. */
export interface FormattedHead {
  readonly bytes: HeadBytes
  /** `none`: bytes are dropped. `length`: exactly `length`. `chunked`: any number, in chunks. */
  readonly body: 'none' | 'length' | 'chunked'
  readonly length: number
}

/** RFC 9112 section 4, RFC 9110 sections 5.1 and 5.5: what may stand in a head. */
const reasonPhrase = /^[\t\x20-\x7e\x80-\xff]*$/
const fieldName = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/
const badValue = /[^\t\x20-\x7e\x80-\xff]/
const length = /^\d{1,15}$/

/**
 * Puts a head into bytes as `node:http` would: same fields, same order. Throws RangeError for a field that must not be
 * sent: whoever could write a line break into a value could write an answer.
 */
export function formatHead(head: ResponseHead, framing: Framing): FormattedHead & { readonly bytes: string } {
  const { status, headers } = head
  const reason =
    head.reason !== '' && reasonPhrase.test(head.reason) ? head.reason : (STATUS_CODES[status] ?? 'unknown')
  let text = `HTTP/1.1 ${status} ${reason}\r\n`
  let hasDate = false
  let contentLength: number | undefined
  for (let i = 0; i + 1 < headers.length; i += 2) {
    const name = headers[i] as string
    const value = headers[i + 1] as string
    if (!fieldName.test(name) || badValue.test(value)) throw new RangeError('a field that must not be sent')
    if (name.length === 4 && name.toLowerCase() === 'date') hasDate = true
    if (name.length === 14 && name.toLowerCase() === 'content-length') {
      if (!length.test(value) || contentLength !== undefined)
        throw new RangeError('a Content-Length that must not be sent')
      contentLength = Number(value)
    }
    text += `${name}: ${value}\r\n`
  }
  if (!hasDate) text += `Date: ${framing.date}\r\n`
  text += connectionFields(framing)
  const hasBody = framing.bodyAllowed && status !== 204 && status !== 304
  if (!hasBody) return { bytes: `${text}\r\n`, body: 'none', length: 0 }
  if (contentLength !== undefined) return { bytes: `${text}\r\n`, body: 'length', length: contentLength }
  return { bytes: `${text}Transfer-Encoding: chunked\r\n\r\n`, body: 'chunked', length: 0 }
}

/** The same for a head whose fields are text already. */
export function formatHitHead(head: HitHead, framing: Framing, readyHeads: ReadyHeads): FormattedHead {
  const ready = readyHeads.find(head, framing)
  const bytes = ready === undefined ? hitHeadText(head, framing) : { ready, id: head.requestId }
  return framing.bodyAllowed ? { bytes, body: 'length', length: head.length } : { bytes, body: 'none', length: 0 }
}

/** All of it, by itself. */
export function hitHeadText(head: HitHead, framing: Framing): string {
  return `${statusLine(head)}${head.text}Date: ${framing.date}\r\n${connectionFields(framing)}\r\n`
}

/** Where its request id is, if that is all that says which answer it is. */
export function idPlaceOf(head: HitHead): number {
  return statusLine(head).length + head.textBeforeId.length
}

function statusLine({ status }: HitHead): string {
  return status === 200 ? ok : partial
}

const ok = 'HTTP/1.1 200 OK\r\n'
const partial = 'HTTP/1.1 206 Partial Content\r\n'

function connectionFields({ close, keepAliveSeconds }: Framing): string {
  return close ? 'Connection: close\r\n' : `Connection: keep-alive\r\nKeep-Alive: timeout=${keepAliveSeconds}\r\n`
}
