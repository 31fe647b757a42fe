import { createHash } from 'node:crypto'
import { headerValue } from '@s3proxy/protocol'
import type { HttpAnswer } from '@s3proxy/testkit'

/** An answer without what may differ from one answer to the next: what two of them must have in common. */
export interface Comparable {
  readonly status: number
  /** `Name: value`, sorted by name; fields of one name in the order they came. */
  readonly headers: readonly string[]
  /** Text of an XML body without its ids; of any other body its length and hash. */
  readonly body: string
  readonly end: string
}

/**
 * Fields left out, because they speak of one answer or one connection and not of the object or the error. Nothing else
 * may differ, not even in spelling.
 */
const ofOneAnswer: ReadonlySet<string> = new Set([
  // When, and by whom, this answer was made.
  'date',
  'x-amz-request-id',
  'x-amz-id-2',
  // What the connection is like; the body is compared after its framing is taken off.
  'connection',
  'keep-alive',
  'transfer-encoding',
  // What the cache did (RFC 9111 section 5.1, RFC 9211).
  'age',
  'cache-status',
  'x-cache',
  // MinIO's own load at that moment.
  'x-ratelimit-limit',
  'x-ratelimit-remaining',
])

/** Makes an answer comparable. */
export function comparable(answer: HttpAnswer): Comparable {
  const fields: (readonly [name: string, line: string])[] = []
  // A body without a length ends with its last chunk or with the connection: that is framing too.
  const unframed = answer.bodyBytes > 0 && headerValue(answer.headers, 'content-length') === undefined
  for (let i = 0; i + 1 < answer.headers.length; i += 2) {
    const name = answer.headers[i] as string
    const lower = name.toLowerCase()
    if (!ofOneAnswer.has(lower)) fields.push([lower, `${name}: ${answer.headers[i + 1]}`])
  }
  if (unframed) fields.push(['content-length', `Content-Length: ${answer.bodyBytes}`])
  fields.sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))
  const headers = fields.map(([, line]) => line)
  return { status: answer.status, headers, body: describeBody(answer), end: answer.end.kind }
}

function describeBody({ body, headers }: HttpAnswer): string {
  const isXml = headerValue(headers, 'content-type')?.startsWith('application/xml') === true
  if (isXml) return body.toString('latin1').replaceAll(/<(RequestId|HostId)>[^<]*<\/\1>/g, '<$1/>')
  return body.length === 0 ? '' : `${body.length} bytes, ${createHash('sha256').update(body).digest('hex')}`
}

/** What differs, line by line, for people; empty if nothing does. */
export function differences(expected: Comparable, got: Comparable): string[] {
  const lines: string[] = []
  const compare = (what: string, a: string | number, b: string | number): void => {
    if (a !== b) lines.push(`${what}: store ${a} | proxy ${b}`)
  }
  compare('status', expected.status, got.status)
  for (const line of expected.headers) if (!got.headers.includes(line)) lines.push(`only the store: ${line}`)
  for (const line of got.headers) if (!expected.headers.includes(line)) lines.push(`only the proxy: ${line}`)
  if (lines.length === 0) compare('headers', expected.headers.join('\n'), got.headers.join('\n'))
  compare('body', expected.body, got.body)
  compare('end', expected.end, got.end)
  return lines
}
