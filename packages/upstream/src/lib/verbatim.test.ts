import { bufferSource, readAll } from '@s3proxy/protocol'
import { answer, interimThen, startFakeOrigin } from '@s3proxy/testkit'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createUpstream } from './create-upstream.ts'
import { requestTo } from './testing.ts'

const ok = answer({ body: 'ok' })
const oddHeaders = [
  'x-amz-meta-b',
  'second first',
  'HoSt',
  'Bucket.S3.Example:80',
  'X-AMZ-META-A',
  'one',
  'x-amz-meta-a',
  'two',
  'x-amz-meta-latin',
  'caf\xe9 \xff\x80',
  'X-Empty',
  '',
  'aUTHORIZATION',
  'AWS4-HMAC-SHA256 Credential=x/y, SignedHeaders=host, Signature=0',
]
const oddTarget = "/bucket//a/./../%2F%2f/%zz/\xe9'(!)*;:@&=+$,[]?x-id=GetObject&&a=1&a=%20+&=&X-Amz-Date"

describe('requests without a body reach the store byte for byte', () => {
  for (const method of ['GET', 'HEAD', 'DELETE', 'POST', 'PUT', 'OPTIONS', 'PROPFIND', 'get', 'X-ODD']) {
    test(method, async () => {
      await using origin = await startFakeOrigin({ handler: ok })
      const upstream = createUpstream()
      const response = await upstream.send(requestTo(origin, { method, target: oddTarget, headers: oddHeaders }))
      await readAll(response.body, 100)
      await upstream.close()
      expect(origin.requests[0]?.rawHead.toString('latin1')).toBe(wire(method, oddTarget, oddHeaders))
    })
  }

  test('with signed fields that usually belong to one connection, and Content-Length: 0', async () => {
    const headers = [
      'Content-Length',
      '0',
      'Host',
      'a',
      'Connection',
      'keep-alive, x-signed',
      'TE',
      'trailers',
      'Keep-Alive',
      'x',
      'User-Agent',
      'aws-cli',
    ]
    await using origin = await startFakeOrigin({ handler: ok })
    const upstream = createUpstream()
    for (const method of ['GET', 'PUT', 'DELETE', 'POST']) {
      const { body } = await upstream.send(requestTo(origin, { method, headers }))
      await readAll(body, 100)
    }
    await upstream.close()
    expect(origin.requests.map(({ rawHead }) => rawHead.toString('latin1'))).toEqual(
      ['GET', 'PUT', 'DELETE', 'POST'].map((method) => wire(method, '/', headers)),
    )
  })
})

describe('requests with a body reach the store byte for byte, Connection aside', () => {
  const bodies = { empty: '', short: 'hello', long: 'x'.repeat(200_000) }
  for (const [name, text] of Object.entries(bodies)) {
    test(`${name}, with Content-Length`, async () => {
      await using origin = await startFakeOrigin({ handler: ok })
      const upstream = createUpstream()
      const headers = ['CONTENT-length', String(text.length), ...oddHeaders, 'connection', 'keep-alive']
      await send(upstream, origin, 'PUT', headers, text)
      const [request] = origin.requests
      expect(request?.rawHead.toString('latin1')).toBe(wire('PUT', oddTarget, headers))
      expect(request?.body.toString('latin1')).toBe(text)
    })

    test(`${name}, chunked`, async () => {
      await using origin = await startFakeOrigin({ handler: ok })
      const upstream = createUpstream()
      const headers = [...oddHeaders, 'Transfer-Encoding', 'chunked', 'connection', 'keep-alive']
      await send(upstream, origin, 'POST', headers, text)
      const [request] = origin.requests
      expect(request?.rawHead.toString('latin1')).toBe(wire('POST', oddTarget, headers))
      expect(request?.body.toString('latin1')).toBe(text)
      expect(request?.bodyEnd).toMatchObject({ kind: 'complete' })
    })

    test(`${name}, expecting 100 Continue`, async () => {
      await using origin = await startFakeOrigin({ handler: interimThen(ok) })
      const upstream = createUpstream()
      const headers = [
        ...oddHeaders,
        'Expect',
        '100-continue',
        'Content-Length',
        String(text.length),
        'Connection',
        'a',
      ]
      await send(upstream, origin, 'PUT', headers, text)
      const [request] = origin.requests
      expect(request?.rawHead.toString('latin1')).toBe(wire('PUT', oddTarget, headers))
      expect(request?.body.toString('latin1')).toBe(text)
    })
  }

  test('nothing but Connection is added', async () => {
    await using origin = await startFakeOrigin({ handler: ok })
    const upstream = createUpstream()
    await send(upstream, origin, 'PUT', ['Host', 'a', 'Content-Length', '1'], 'x')
    expect(origin.requests[0]?.headers).toEqual(['Host', 'a', 'Content-Length', '1', 'Connection', 'keep-alive'])
  })
})

describe('any head that is accepted arrives as it is', () => {
  const names = [
    ...['Host', 'Connection', 'Upgrade', 'Trailer', 'TE', 'Keep-Alive', 'Date', 'Cookie', 'Proxy-Authorization', 'Via'],
    ...['Content-Disposition', 'Content-Type', 'Accept-Encoding', 'User-Agent', 'Range', 'If-Match', 'x-amz-meta-a'],
  ]
  const value = fc.oneof(
    fc.constantFrom('close', 'keep-alive', 'upgrade', 'x-amz-meta-a', 'a, b', '', 'timeout=5', 'trailers'),
    fc
      .array(fc.oneof(fc.integer({ min: 0x21, max: 0x7e }), fc.integer({ min: 0x80, max: 0xff })), { maxLength: 8 })
      .map((codes) => String.fromCharCode(...codes)),
  )
  const headers = fc
    .array(fc.tuple(fc.mixedCase(fc.constantFrom(...names)), value), { maxLength: 8 })
    .map((pairs) => pairs.flat())
  const target = fc
    .array(fc.integer({ min: 0x21, max: 0xff }), { maxLength: 12 })
    .map((codes) => `/${String.fromCharCode(...codes.filter((code) => code !== 0x7f))}`)

  test('without a body', async () => {
    await using origin = await startFakeOrigin({ handler: ok })
    const upstream = createUpstream()
    await fc.assert(
      fc.asyncProperty(fc.constantFrom('GET', 'HEAD', 'PUT', 'DELETE', 'POST'), target, headers, async (...head) => {
        const [method, path, pairs] = head
        const { body } = await upstream.send(requestTo(origin, { method, target: path, headers: pairs }))
        await readAll(body, 100)
        expect(origin.requests.at(-1)?.rawHead.toString('latin1')).toBe(wire(...head))
      }),
    )
    await upstream.close()
  })

  test('with a body', async () => {
    await using origin = await startFakeOrigin({ handler: ok })
    const upstream = createUpstream()
    const framing = fc.constantFrom(['Content-Length', '5'], ['transfer-encoding', 'chunked'], ['content-length', '0'])
    await fc.assert(
      fc.asyncProperty(fc.constantFrom('PUT', 'DELETE', 'POST', 'GET'), target, headers, framing, async (...head) => {
        const [method, path, pairs, how] = head
        const all = [...pairs, ...how, 'Connection', 'keep-alive']
        // told to close, the origin may do so when the next upload is on its way
        fc.pre(!pairs.includes('close'))
        fc.pre(how[1] === 'chunked' || !pairs.some((name) => name.toLowerCase() === 'trailer'))
        const source = bufferSource(Buffer.from(how[1] === '0' ? '' : 'hello'))
        const { body } = await upstream.send(
          requestTo(origin, { method, target: path, headers: all, body: { source } }),
        )
        await readAll(body, 100)
        expect(origin.requests.at(-1)?.rawHead.toString('latin1')).toBe(wire(method, path, all))
      }),
    )
    await upstream.close()
  })
})

function wire(method: string, target: string, headers: readonly string[]): string {
  const lines: string[] = []
  for (let i = 0; i < headers.length; i += 2) lines.push(`${headers[i]}: ${headers[i + 1]}\r\n`)
  return `${method} ${target} HTTP/1.1\r\n${lines.join('')}\r\n`
}

async function send(
  upstream: ReturnType<typeof createUpstream>,
  origin: Awaited<ReturnType<typeof startFakeOrigin>>,
  method: string,
  headers: readonly string[],
  text: string,
): Promise<void> {
  const bytes = Buffer.from(text, 'latin1')
  const source = bufferSource(bytes.subarray(0, 70_000), bytes.subarray(70_000, 70_001), bytes.subarray(70_001))
  const response = await upstream.send(requestTo(origin, { method, target: oddTarget, headers, body: { source } }))
  expect((await readAll(response.body, 100)).toString()).toBe('ok')
  await upstream.close()
}
