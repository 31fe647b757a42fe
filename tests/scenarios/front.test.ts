import { headerValue } from '@s3proxy/protocol'
import { answer, behind, connectHttp, createGate, type FakeOrigin, silence, startFakeOrigin } from '@s3proxy/testkit'
import { describe, expect, it, onTestFinished } from 'vitest'
import { host, startProxy } from './harness.ts'

async function fakeOrigin(): Promise<FakeOrigin> {
  const started = await startFakeOrigin({ handler: answer({ headers: ['ETag', '"e"'], body: 'hello' }) })
  onTestFinished(() => started.close())
  return started
}

async function raw(port: number, bytes: string) {
  const client = await connectHttp({ port })
  onTestFinished(() => client.destroy())
  await client.send(bytes)
  return { client, answer: await client.receive() }
}

describe('what is no good request', () => {
  it.each([
    ['no HTTP at all', 'hello there\r\n\r\n', 400, 'InvalidRequest'],
    [
      'two lengths',
      `PUT /b/k HTTP/1.1\r\nHost: ${host}\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab`,
      400,
      'InvalidRequest',
    ],
    [
      'a head without end',
      `GET /b/k HTTP/1.1\r\nHost: ${host}\r\nX: ${'y'.repeat(70_000)}\r\n\r\n`,
      400,
      'RequestHeaderSectionTooLarge',
    ],
    ['no Host', 'GET /b/k HTTP/1.1\r\n\r\n', 400, 'MissingHostHeader'],
    ['a Host that is none', 'GET /b/k HTTP/1.1\r\nHost: a b\r\n\r\n', 400, 'InvalidRequest'],
    ['an unknown host', 'GET /b/k HTTP/1.1\r\nHost: example.com\r\n\r\n', 403, 'AccessDenied'],
    ['CONNECT', 'CONNECT example.com:443 HTTP/1.1\r\nHost: example.com:443\r\n\r\n', 501, 'NotImplemented'],
  ])('%s gets S3 XML with a request id, and the connection closes', async (_name, bytes, status, code) => {
    const proxy = await startProxy({ origin: await fakeOrigin() })
    const { client, answer: got } = await raw(proxy.port, bytes)
    expect(got.status).toBe(status)
    const id = headerValue(got.headers, 'x-amz-request-id')
    expect(id).toMatch(/^[0-9A-F]{16}$/)
    expect(got.body.toString()).toContain(`<Code>${code}</Code>`)
    expect(got.body.toString()).toContain(`<RequestId>${id}</RequestId>`)
    expect(await client.closed()).toBe('end')
  })
})

describe('bytes on the wire', () => {
  it('reach the store as the client sent them, but for what belongs to one connection', async () => {
    const store = await fakeOrigin()
    const proxy = await startProxy({ origin: store })
    const target = '/b//a%2Fb/../%e4%F6?x-id=GetObject&A=1+2&b'
    await raw(
      proxy.port,
      `GET ${target} HTTP/1.1\r\nhOST: ${host}\r\nX-Amz-Meta-Z: \xe9\r\nConnection: keep-alive, X-Drop\r\nX-Drop: 1\r\nTE: trailers\r\nx-a: 1\r\nx-a: 2\r\n\r\n`,
    )
    const [request] = store.requests
    expect(request?.target).toBe(target)
    expect(request?.headers.filter((_, i, all) => !/^connection$/i.test(all[i - (i % 2)] ?? ''))).toEqual([
      'hOST',
      host,
      'X-Amz-Meta-Z',
      '\xe9',
      'x-a',
      '1',
      'x-a',
      '2',
    ])
  })

  it('takes a read that says it has a body of zero bytes for a read', async () => {
    const store = await fakeOrigin()
    const proxy = await startProxy({ origin: store })
    for (const cache of ['MISS', 'HIT']) {
      const { answer: got } = await raw(proxy.port, `GET /b/k HTTP/1.1\r\nHost: ${host}\r\nContent-Length: 0\r\n\r\n`)
      expect([got.status, headerValue(got.headers, 'x-cache')]).toEqual([200, cache])
      await proxy.gateway.idle()
    }
    expect(headerValue(store.requests[0]?.headers ?? [], 'content-length')).toBe('0')
  })

  it('takes absolute-form requests, as clients with HTTP_PROXY send them', async () => {
    const store = await fakeOrigin()
    const proxy = await startProxy({ origin: store })
    const { answer: got } = await raw(proxy.port, `GET http://${host}/b/k HTTP/1.1\r\nHost: ${host}\r\n\r\n`)
    expect(got.body.toString()).toBe('hello')
    expect(store.requests[0]?.target).toBe('/b/k')
  })

  it('keeps a chunked upload chunked and a length a length', async () => {
    const store = await fakeOrigin()
    const proxy = await startProxy({ origin: store })
    await raw(
      proxy.port,
      `PUT /b/k HTTP/1.1\r\nHost: ${host}\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n`,
    )
    await raw(proxy.port, `PUT /b/k HTTP/1.1\r\nHost: ${host}\r\nContent-Length: 0\r\n\r\n`)
    const [chunked, empty] = store.requests
    expect(headerValue(chunked?.headers ?? [], 'transfer-encoding')).toBe('chunked')
    expect(chunked?.body.toString()).toBe('abc')
    expect(headerValue(empty?.headers ?? [], 'content-length')).toBe('0')
    expect(headerValue(empty?.headers ?? [], 'transfer-encoding')).toBeUndefined()
  })
})

describe('limits', () => {
  it('turns away what is over the limit with SlowDown and Retry-After', async () => {
    const store = await fakeOrigin()
    const gate = createGate()
    store.script(behind(gate, answer({ headers: ['ETag', '"e"'], body: 'hello' })))
    const proxy = await startProxy({ origin: store, maxConcurrentRequests: 1 })
    const first = proxy.request('GET', '/b/k')
    await store.received(1)
    const second = await proxy.request('GET', '/b/other')
    expect([second.status, headerValue(second.headers, 'retry-after')]).toEqual([503, '1'])
    expect(second.body.toString()).toContain('<Code>SlowDown</Code>')
    gate.open()
    expect((await first).status).toBe(200)
    expect((await proxy.request('GET', '/b/third')).status).toBe(200)
  })

  it('drops the request to the store when the client leaves before the answer', async () => {
    const store = await fakeOrigin()
    store.handle(silence())
    const proxy = await startProxy({ origin: store })
    const client = await connectHttp({ port: proxy.port })
    await client.send(`GET /b/k HTTP/1.1\r\nHost: ${host}\r\n\r\n`)
    await store.received(1)
    client.destroy()
    await proxy.gateway.idle()
    expect(proxy.gateway.inFlight).toBe(0)
    expect(proxy.records[0]).toMatchObject({ aborted: true })
  })
})
