import { headerValue, headerValues, type RawHeaders } from '@s3proxy/protocol'

/** The first line and the fields of a message. */
export interface MessageHead {
  readonly startLine: string
  readonly headers: RawHeaders
}

/** Where a body ends (RFC 9112 section 6.3). */
export type BodyFraming =
  | { readonly kind: 'none' }
  | { readonly kind: 'length'; readonly length: number }
  | { readonly kind: 'chunked' }
  | { readonly kind: 'until-close' }

/** Takes a head apart without judging it: a test wants to see what was sent. `bytes` may end with the empty line. */
export function parseHead(bytes: Buffer): MessageHead {
  const [startLine = '', ...lines] = bytes.toString('latin1').split('\r\n')
  const headers: string[] = []
  for (const line of lines) {
    if (line === '') continue
    const colon = line.indexOf(':')
    headers.push(colon < 0 ? line : line.slice(0, colon), colon < 0 ? '' : line.slice(colon + 1).trim())
  }
  return { startLine, headers }
}

/** The bytes of a head, with its empty line. */
export function formatHead(startLine: string, headers: RawHeaders): Buffer {
  let text = `${startLine}\r\n`
  for (let i = 0; i + 1 < headers.length; i += 2) text += `${headers[i]}: ${headers[i + 1]}\r\n`
  return Buffer.from(`${text}\r\n`, 'latin1')
}

/** How the body of a request with these fields ends. */
export function requestFraming(headers: RawHeaders): BodyFraming {
  return declaredFraming(headers) ?? { kind: 'none' }
}

/** How the body of a response ends, given the method it answers. */
export function responseFraming(method: string, status: number, headers: RawHeaders): BodyFraming {
  if (method === 'HEAD' || status === 204 || status === 304 || status < 200) return { kind: 'none' }
  return declaredFraming(headers) ?? { kind: 'until-close' }
}

function declaredFraming(headers: RawHeaders): BodyFraming | undefined {
  if (headerValues(headers, 'transfer-encoding').some((value) => /\bchunked\s*$/i.test(value))) {
    return { kind: 'chunked' }
  }
  const length = headerValue(headers, 'content-length')
  return length === undefined ? undefined : { kind: 'length', length: Number(length) }
}
