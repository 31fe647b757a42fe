import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { duplexPair } from 'node:stream'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseHead } from './parse-head.ts'

const limits = { maxHeadBytes: 65_536, maxHeaderFields: 256 }

interface Reading {
  readonly requests: readonly { method: unknown; target: unknown; headers: readonly string[]; keeps: boolean }[]
  readonly bodyBytes: number
  readonly malformed: boolean
}

/** What `node:http`, and so llhttp, makes of bytes. */
async function readByNode(bytes: Buffer): Promise<Reading> {
  const requests: Reading['requests'][number][] = []
  let malformed = false
  let bodyBytes = 0
  const server = createServer({ maxHeaderSize: limits.maxHeadBytes, requireHostHeader: false })
  const onRequest = (request: IncomingMessage, response: ServerResponse): void => {
    const { method, url, rawHeaders } = request
    requests.push({ method, target: url, headers: rawHeaders, keeps: response.shouldKeepAlive })
    request.on('data', (chunk: Buffer) => {
      bodyBytes += chunk.length
    })
    response.end()
  }
  server.on('request', onRequest).on('checkContinue', onRequest).on('checkExpectation', onRequest)
  server.on('clientError', (_error, socket) => {
    malformed = true
    socket.destroy()
  })
  const [client, socket] = duplexPair()
  const closed = new Promise((resolve) => socket.once('close', resolve))
  server.emit('connection', socket)
  client.on('error', () => undefined).resume()
  client.end(bytes)
  await closed
  return { requests, bodyBytes, malformed }
}

const marker = Buffer.from('GET /marker HTTP/1.1\r\nHost: marker\r\n\r\n')

/** Holds what the lane accepts against llhttp; false if the lane leaves it to others. */
async function agrees(bytes: Buffer): Promise<boolean> {
  const head = parseHead(bytes, 0, bytes.length, limits)
  if (head === 'incomplete' || head === 'unclear') return false
  const read = await readByNode(Buffer.concat([bytes.subarray(0, head.end), marker]))
  const { method, target, headers, close } = head
  expect(read.requests[0]).toEqual({ method, target, headers, keeps: !close })
  // It ends where the lane says, or the marker would be taken for something else.
  expect(read.bodyBytes).toBe(0)
  if (!close) {
    expect(read.requests.slice(1)).toEqual([
      { method: 'GET', target: '/marker', headers: ['Host', 'marker'], keeps: true },
    ])
    expect(read.malformed).toBe(false)
  }
  return true
}

const line = fc.oneof(
  fc.constantFrom(
    'Host: h',
    'host:h:80',
    'Connection: close',
    'Connection: keep-alive',
    'Proxy-Connection: keep-alive',
    'Content-Length: 0',
    'Content-Length: 5',
    'Transfer-Encoding: chunked',
    'Expect: 100-continue',
    'Upgrade: x',
    'Keep-Alive: timeout=5',
    'TE: trailers',
    'Range: bytes=0-1',
    ' folded',
    'Authorization: AWS4-HMAC-SHA256 Credential=A/20260101/r/s3/aws4_request, SignedHeaders=host, Signature=00',
  ),
  fc.tuple(fc.string({ maxLength: 8 }), fc.string({ maxLength: 12 })).map(([name, value]) => `${name}: ${value}`),
)
const target = fc.oneof(
  fc.constantFrom('/', '/b/k', '/b/a%2Fb?x=1', 'http://h/k', 'http://h:80/k', 'http://i/k', '*', '//x', '/?'),
  fc.string({ maxLength: 12 }).map((text) => `/${text}`),
)
const lineEnd = fc.constantFrom('\r\n', '\r\n', '\r\n', '\r\n', '\n', '\r', '\r\r\n')
const request = fc
  .tuple(
    fc.constantFrom('GET', 'HEAD', 'GET', 'get', 'PUT'),
    target,
    fc.constantFrom('HTTP/1.1', 'HTTP/1.1', 'HTTP/1.0', 'HTTP/2.0'),
    fc.array(fc.tuple(line, lineEnd), { maxLength: 6 }),
  )
  .map(([method, path, version, lines]) =>
    Buffer.from(
      `${method} ${path} ${version}\r\nHost: h\r\n${lines.map(([text, end]) => text + end).join('')}\r\n`,
      'latin1',
    ),
  )

const good = Buffer.from(
  'GET /b/k?a=1 HTTP/1.1\r\nHost: h\r\nUser-Agent: x/1\r\nConnection: keep-alive\r\nX-A:  1 \r\nEmpty:\r\nContent-Length: 0\r\n\r\n',
)
const mutation = fc.record({
  position: fc.nat(good.length),
  removed: fc.nat(3),
  inserted: fc.oneof(
    fc.constantFrom(
      '\r',
      '\n',
      '\r\n',
      ' ',
      '\t',
      '\0',
      ':',
      '\x7f',
      '\x80',
      '\xff',
      '0',
      '\r\n ',
      '\r\n\r\n',
      '#',
      ',',
    ),
    fc.string({ maxLength: 3, unit: 'binary' }),
  ),
})
const mutated = fc.array(mutation, { minLength: 1, maxLength: 3 }).map((mutations) => {
  let bytes = good
  for (const { position, removed, inserted } of mutations) {
    const at = Math.min(position, bytes.length)
    bytes = Buffer.concat([bytes.subarray(0, at), Buffer.from(inserted, 'latin1'), bytes.subarray(at + removed)])
  }
  return bytes
})

describe('whatever the lane accepts, llhttp accepts with the same meaning', () => {
  it.each([
    ['made of good and bad parts', request, 3000],
    ['a good head with some bytes changed', mutated, 3000],
  ])('heads %s', async (_name, heads, numRuns) => {
    let accepted = 0
    await fc.assert(
      fc.asyncProperty(heads, async (bytes) => {
        if (await agrees(bytes)) accepted++
      }),
      { numRuns },
    )
    expect(accepted).toBeGreaterThan(numRuns / 50)
  })

  it('every single byte in every place of a head', async () => {
    let accepted = 0
    for (let position = 0; position < good.length; position += 3) {
      for (let byte = 0; byte < 256; byte += position % 2 === 0 ? 1 : 7) {
        const bytes = Buffer.from(good)
        bytes[position] = byte
        if (await agrees(bytes)) accepted++
      }
    }
    expect(accepted).toBeGreaterThan(500)
  })
})
