import { describe, expect, it } from 'vitest'
import { type ParsedHead, parseHead } from './parse-head.ts'

const limits = { maxHeadBytes: 65_536, maxHeaderFields: 256 }
const parse = (text: string, given = limits): ParsedHead => {
  const bytes = Buffer.from(text, 'latin1')
  return parseHead(bytes, 0, bytes.length, given)
}
const get = (...lines: string[]): string => `GET /b/k HTTP/1.1\r\n${lines.map((line) => `${line}\r\n`).join('')}\r\n`

describe('a plain head', () => {
  it('is taken apart, byte for byte', () => {
    const text = 'HEAD /b/a%2Fb?x=1&y HTTP/1.1\r\nhOsT: s3:9000\r\nX-Amz-Meta:\t \xe9 "q" \t\r\nEmpty:\r\nx:1\r\n\r\n'
    expect(parse(`${text}GET`)).toEqual({
      method: 'HEAD',
      target: '/b/a%2Fb?x=1&y',
      headers: ['hOsT', 's3:9000', 'X-Amz-Meta', '\xe9 "q"', 'Empty', '', 'x', '1'],
      end: text.length,
      close: false,
    })
  })

  it.each([
    ['Connection: close', true],
    ['connection: Keep-Alive', false],
    ['Proxy-Connection: keep-alive', false],
    ['Content-Length: 0', false],
  ])('with %s keeps the connection or not', (line, close) => {
    expect(parse(get('Host: h', line))).toMatchObject({ close })
  })

  it('may begin anywhere and is read no further than told', () => {
    const bytes = Buffer.from(`xx${get('Host: h')}`, 'latin1')
    expect(parseHead(bytes, 2, bytes.length, limits)).toMatchObject({ end: bytes.length })
    for (let end = 3; end < bytes.length; end++) expect(parseHead(bytes, 2, end, limits)).toBe('incomplete')
  })

  it('is read for itself, whatever the names of the one before were', () => {
    const before = ['Host: h', 'Range: bytes=0-1', 'X-A: 1']
    for (const name of ['Rang', 'Ranges', 'range', 'Rangf', 'Xange', 'X-A', '']) {
      expect(parse(get(...before))).toMatchObject({ headers: ['Host', 'h', 'Range', 'bytes=0-1', 'X-A', '1'] })
      const headers = ['Host', 'h', name, '2', 'X-A', '1']
      const expected = name === '' ? 'unclear' : expect.objectContaining({ headers })
      expect(parse(get('Host: h', `${name}: 2`, 'X-A: 1'))).toEqual(expected)
    }
    parse(get('Host: h', 'Content-Length: 0'))
    expect(parse(get('Host: h', 'Content-Length: 0', 'Content-Length: 0'))).toBe('unclear')
    expect(parse(get('Host: h', 'Content-Length 0'))).toBe('unclear')
  })

  it('may name its host in the target too', () => {
    expect(parse('GET http://h:1/k HTTP/1.1\r\nHost: h:1\r\n\r\n')).toMatchObject({ target: 'http://h:1/k' })
  })
})

describe('what is left to others', () => {
  it.each([
    ['another method', 'PUT /k HTTP/1.1\r\nHost: h\r\n\r\n'],
    ['a method in lower case', 'get /k HTTP/1.1\r\nHost: h\r\n\r\n'],
    ['a longer method', 'GETT /k HTTP/1.1\r\nHost: h\r\n\r\n'],
    ['an empty line before', '\r\nGET /k HTTP/1.1\r\nHost: h\r\n\r\n'],
    ['two spaces', 'GET  /k HTTP/1.1\r\nHost: h\r\n\r\n'],
    ['a space at the end', 'GET /k HTTP/1.1 \r\nHost: h\r\n\r\n'],
    ['HTTP/1.0', 'GET /k HTTP/1.0\r\nHost: h\r\n\r\n'],
    ['HTTP/1.2', 'GET /k HTTP/1.2\r\nHost: h\r\n\r\n'],
    ['no version', 'GET /k\r\nHost: h\r\n\r\n'],
    ['a fragment', 'GET /k#f HTTP/1.1\r\nHost: h\r\n\r\n'],
    ['a byte beyond ASCII in the target', 'GET /\xe9 HTTP/1.1\r\nHost: h\r\n\r\n'],
    ['an asterisk', 'GET * HTTP/1.1\r\nHost: h\r\n\r\n'],
    ['another host in the target', 'GET http://i/k HTTP/1.1\r\nHost: h\r\n\r\n'],
    ['a longer host in the target', 'GET http://hh/k HTTP/1.1\r\nHost: h\r\n\r\n'],
    ['a user in the target', 'GET http://u@h/k HTTP/1.1\r\nHost: h\r\n\r\n'],
    ['https in the target', 'GET https://h/k HTTP/1.1\r\nHost: h\r\n\r\n'],
    ['no path in the target', 'GET http://h HTTP/1.1\r\nHost: h\r\n\r\n'],
    ['no Host', get('X: 1')],
    ['two Hosts', get('Host: h', 'Host: h')],
    ['an empty Host', get('Host:')],
    ['a Host with a space', get('Host: a b')],
    ['a Host with a user', get('Host: u@h')],
    ['a length', get('Host: h', 'Content-Length: 1')],
    ['a length of 00', get('Host: h', 'Content-Length: 00')],
    ['two lengths', get('Host: h', 'Content-Length: 0', 'Content-Length: 0')],
    ['a list of lengths', get('Host: h', 'Content-Length: 0, 0')],
    ['a transfer coding', get('Host: h', 'transfer-encoding: chunked')],
    ['Expect', get('Host: h', 'Expect: 100-continue')],
    ['Upgrade', get('Host: h', 'Upgrade: h2c')],
    ['Trailer', get('Host: h', 'Trailer: x')],
    ['a Connection that names fields', get('Host: h', 'Connection: keep-alive, X')],
    ['two Connections', get('Host: h', 'Connection: close', 'Connection: close')],
    ['Proxy-Connection: close', get('Host: h', 'Proxy-Connection: close')],
    ['white space before the colon', get('Host : h')],
    ['white space before a name', get(' Host: h')],
    ['a folded line', get('Host: h', 'X: 1', ' 2')],
    ['a line without a colon', get('Host: h', 'X')],
    ['an empty name', get('Host: h', ': x')],
    ['a name beyond ASCII', get('Host: h', 'X\xe9: x')],
    ['a NUL', get('Host: h', 'X: a\0b')],
    ['DEL', get('Host: h', 'X: a\x7fb')],
    ['a bare CR', get('Host: h', 'X: a\rb')],
    ['a bare LF', 'GET /k HTTP/1.1\nHost: h\n\n'],
    ['a bare LF later', 'GET /k HTTP/1.1\r\nHost: h\r\nX: 1\n\r\n'],
    ['a bare CR at the end', 'GET /k HTTP/1.1\r\nHost: h\r\n\rX'],
  ])('%s', (_name, text) => {
    expect(parse(text)).toBe('unclear')
  })

  it('heads over a limit', () => {
    const text = get('Host: h', 'X: 1')
    expect(parse(text, { maxHeadBytes: text.length, maxHeaderFields: 2 })).toMatchObject({ method: 'GET' })
    expect(parse(text, { maxHeadBytes: text.length - 1, maxHeaderFields: 2 })).toBe('unclear')
    expect(parse(text, { maxHeadBytes: text.length, maxHeaderFields: 1 })).toBe('unclear')
    expect(parse(text.slice(0, 20), { maxHeadBytes: 20, maxHeaderFields: 1 })).toBe('unclear')
  })

  it('many fields are no matter within the limit', () => {
    const many = Array.from({ length: 255 }, (_, i) => `X-${i}: ${i}`)
    expect(parse(get('Host: h', ...many))).toMatchObject({ headers: { length: 512 } })
    expect(parse(get('Host: h', ...many, 'Y: 1'))).toBe('unclear')
  })
})
