import { malformedError } from '../node-error.ts'
import { hasCloseOption } from './close-option.ts'
import { parseFields } from './fields.ts'

/** How the end of the body of an answer is told (RFC 9112 section 6.3). */
export type AnswerFraming =
  | { readonly kind: 'none' }
  | { readonly kind: 'length'; readonly bytes: number }
  | { readonly kind: 'chunked' }
  | { readonly kind: 'close' }

/** The head of one answer, interim or final. */
export interface AnswerHead {
  /** 100 to 599. */
  readonly status: number
  readonly reason: string
  readonly headers: string[]
  readonly framing: AnswerFraming
  /** Whether the connection may carry another request after this answer. */
  readonly reusable: boolean
  /** How long the store keeps an idle connection, in seconds, if it says so (`Keep-Alive: timeout=`). */
  readonly keepAliveSeconds: number | undefined
}

/** The reason phrase may hold anything that is no end of a line: nothing is read out of it, and stores put messages there. */
const statusLine = /^HTTP\/1\.([01]) ([1-5]\d\d)(?: ([^\x00\r\n]*))?\r\n/
const timeoutOption = /(?:^|[,;])[\t ]*timeout=(\d{1,6})[\t ]*(?:[,;]|$)/i
const digits = /^\d{1,15}$/
const none: AnswerFraming = { kind: 'none' }
const chunked: AnswerFraming = { kind: 'chunked' }
const untilClose: AnswerFraming = { kind: 'close' }

/**
 * Reads `section`: status line and field lines, each ended by CRLF, without the blank line, in latin-1. `method` is that
 * of the request, since the answer to HEAD has no body. Throws `BadGateway` for what is outside the grammar, and for any
 * doubt about where the body ends: a repeated or malformed Content-Length, one beside Transfer-Encoding, a coding other
 * than chunked, chunked in HTTP/1.0 (RFC 9112 sections 6.1 and 6.3).
 */
export function parseAnswerHead(section: string, method: string): AnswerHead {
  const line = statusLine.exec(section)
  if (line === null) throw malformedError('its first line is not that of HTTP/1.1')
  const [whole, minor, code, reason = ''] = line
  const status = Number(code)
  const headers = parseFields(section, whole.length)
  let framing: AnswerFraming = untilClose
  let reusable = minor === '1'
  let keepAliveSeconds: number | undefined
  for (let i = 0; i < headers.length; i += 2) {
    const name = headers[i] as string
    const value = headers[i + 1] as string
    if (name.length === 10) {
      const lower = name.toLowerCase()
      if (lower === 'connection' && hasCloseOption(value)) reusable = false
      else if (lower === 'keep-alive') keepAliveSeconds = timeoutOf(value)
    } else if (name.length === 14 && name.toLowerCase() === 'content-length') {
      if (framing !== untilClose || !digits.test(value)) throw malformedError('its length is in doubt')
      framing = { kind: 'length', bytes: Number(value) }
    } else if (name.length === 17 && name.toLowerCase() === 'transfer-encoding') {
      if (framing !== untilClose || minor !== '1' || value.toLowerCase() !== 'chunked') {
        throw malformedError('its transfer coding is in doubt')
      }
      framing = chunked
    }
  }
  if (method === 'HEAD' || status < 200 || status === 204 || status === 304) framing = none
  if (framing === untilClose) reusable = false
  return { status, reason, headers, framing, reusable, keepAliveSeconds }
}

function timeoutOf(value: string): number | undefined {
  const seconds = timeoutOption.exec(value)?.[1]
  return seconds === undefined ? undefined : Number(seconds)
}
