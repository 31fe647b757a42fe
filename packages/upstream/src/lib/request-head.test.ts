import { bufferSource, type RawHeaders } from '@s3proxy/protocol'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { UpstreamRequest } from './client.ts'
import { inspectHead, renderHead } from './request-head.ts'
import { requestTo } from './testing.ts'

const target = { host: 's3.test', port: 80, url: 'http://s3.test' }
const body = { source: bufferSource() }

function get(headers: RawHeaders, draft: Partial<UpstreamRequest> = {}): UpstreamRequest {
  return requestTo(target, { headers, ...draft })
}

function put(headers: RawHeaders, draft: Partial<UpstreamRequest> = {}): UpstreamRequest {
  return requestTo(target, { method: 'PUT', headers, body, ...draft })
}

describe('framing', () => {
  test.each([
    [get([]), { kind: 'none' }, false],
    [get(['Content-Length', '0']), { kind: 'length', bytes: 0 }, false],
    [put(['content-LENGTH', '5368709120']), { kind: 'length', bytes: 5_368_709_120 }, false],
    [put(['Transfer-Encoding', 'Chunked']), { kind: 'chunked' }, false],
    [put(['Content-Length', '1', 'EXPECT', '100-Continue']), { kind: 'length', bytes: 1 }, true],
  ])('%#', (request, framing, expectsContinue) => {
    expect(inspectHead(request)).toEqual({ framing, expectsContinue, closes: false })
  })

  test('says whether the connection ends with the answer', () => {
    const closes = (value: string) => inspectHead(get(['cOnnection', value])).closes
    expect(['close', 'x,\tCLOSE ,y', 'keep-alive, close'].map(closes)).toEqual([true, true, true])
    expect(['', 'closed', 'keep-alive', 'x-close'].map(closes)).toEqual([false, false, false, false])
  })
})

describe('refused', () => {
  const header = (name: string, value: string): UpstreamRequest => get([name, value])
  test.each(
    Object.entries({
      'two lengths': put(['Content-Length', '1', 'content-length', '1']),
      'length and chunked': put(['Content-Length', '1', 'Transfer-Encoding', 'chunked']),
      'chunked and length': put(['Transfer-Encoding', 'chunked', 'Content-Length', '1']),
      'chunked twice': put(['Transfer-Encoding', 'chunked', 'Transfer-Encoding', 'chunked']),
      'another coding': put(['Transfer-Encoding', 'gzip, chunked']),
      'a signed length': put(['Content-Length', '+1']),
      'a length list': put(['Content-Length', '1, 1']),
      'an empty length': put(['Content-Length', '']),
      'a huge length': put(['Content-Length', '1'.repeat(16)]),
      'a length without body': get(['Content-Length', '1']),
      'chunked without body': get(['Transfer-Encoding', 'chunked']),
      'a body without framing': put([]),
      'a trailer after a length': put(['Content-Length', '1', 'Trailer', 'x']),
      'another expectation': put(['Content-Length', '1', 'Expect', 'x']),
      'a name without value': get(['Host']),
      'CR LF in a value': header('x', 'a\r\nHost: b'),
      'LF in a value': header('x', 'a\nb'),
      'NUL in a value': header('x', 'a\0b'),
      'a character beyond latin-1 in a value': header('x', '\u0100'),
      'a space in a name': header('x y', 'a'),
      'a colon in a name': header('x:', 'a'),
      'an empty name': header('', 'a'),
      'a space in the target': get([], { target: '/a b' }),
      'CR LF in the target': get([], { target: '/a\r\nX: y' }),
      'a target in absolute form': get([], { target: 'http://a/' }),
      'an empty target': get([], { target: '' }),
      'a space in the method': get([], { method: 'GET /' }),
      'an empty method': get([], { method: '' }),
      CONNECT: get([], { method: 'CONNECT' }),
    }),
  )('%s', (_name, request) => {
    expect(() => inspectHead(request)).toThrow(expect.objectContaining({ code: 'InvalidRequest', source: 'client' }))
  })

  test('a lower-case method with a body', () => {
    expect(() => inspectHead(put(['Content-Length', '0'], { method: 'put' }))).toThrow(
      expect.objectContaining({ code: 'NotImplemented' }),
    )
  })

  test('without a word of the value', () => {
    expect(() => inspectHead(get(['Authorization', 'secret\n']))).toThrow(
      expect.objectContaining({ message: expect.not.stringContaining('secret') }),
    )
  })
})

test('whatever is accepted is one request with exactly the lines given', () => {
  const text = fc.string({ unit: fc.integer({ min: 0, max: 0x101 }).map((code) => String.fromCharCode(code)) })
  const piece = fc.oneof(text, fc.constantFrom('x-a', 'Content-Length', '0', 'a: b', '\r\n\r\nGET / HTTP/1.1', ' '))
  fc.assert(
    fc.property(piece, piece, fc.array(fc.tuple(piece, piece), { maxLength: 5 }), (method, path, pairs) => {
      const request = get(pairs.flat(), { method, target: `/${path}` })
      try {
        inspectHead(request)
      } catch {
        return
      }
      const head = Buffer.from(renderHead(method, `/${path}`, pairs.flat()), 'latin1').toString('latin1')
      const lines = head.split(/\r\n|[\r\n\0]/)
      expect(lines).toEqual([
        `${method} /${path} HTTP/1.1`,
        ...pairs.map(([name, value]) => `${name}: ${value}`),
        '',
        '',
      ])
    }),
  )
})
