import { headerValue } from '@s3proxy/protocol'
import {
  answer,
  answerEarly,
  behind,
  connectHttp,
  createGate,
  type FakeOrigin,
  type HttpConnection,
  interimThen,
  patternContent,
  startFakeOrigin,
  startObjectOrigin,
} from '@s3proxy/testkit'
import { describe, expect, it, onTestFinished } from 'vitest'
import { host, type ScenarioProxy, startProxy, until } from '../harness.ts'

const hostLine = `Host: ${host}\r\n`

async function fakeOrigin(): Promise<FakeOrigin> {
  const store = await startFakeOrigin()
  onTestFinished(() => store.close())
  return store
}

async function connect(proxy: ScenarioProxy): Promise<HttpConnection> {
  const connection = await connectHttp({ port: proxy.port })
  onTestFinished(() => connection.destroy())
  return connection
}

describe('pipelined requests', () => {
  it('of all kinds are answered in order', async () => {
    await using store = await startObjectOrigin()
    for (const n of [0, 1, 2, 3, 4]) store.objects.put('b', `k${n}`, `${n}`.repeat(n * 50_000 + 10))
    const etag = store.objects.get('b', 'k1')?.etag ?? ''
    const proxy = await startProxy({ origin: store })
    const client = await connect(proxy)
    const plan: readonly (readonly [method: string, key: string, status: number, field?: string])[] = [
      ['GET', 'k4', 200],
      ['HEAD', 'k3', 200],
      ['GET', 'none', 404],
      ['HEAD', 'none', 404],
      ['GET', 'k1', 304, `If-None-Match: ${etag}\r\n`],
      ['GET', 'k2', 206, 'Range: bytes=2-9\r\n'],
      ['DELETE', 'other', 204],
      ['GET', 'k3', 200],
      ['GET', 'k4', 200],
    ]
    const lines = plan.map(([method, key, , field = '']) => `${method} /b/${key} HTTP/1.1\r\n${hostLine}${field}\r\n`)
    await client.send(lines.join(''))
    for (const [method, key, status] of plan) {
      const got = await client.receive({ method })
      expect([got.status, got.end.kind]).toEqual([status, 'complete'])
      if (method === 'GET' && status < 300) expect(new Set(got.body.toString())).toEqual(new Set([key[1]]))
    }
  })

  it('of a client that leaves free their places, also those not answered yet', async () => {
    await using store = await startObjectOrigin()
    store.objects.put('b', 'k', patternContent(4_000_000))
    const proxy = await startProxy({ origin: store })
    await proxy.settled('GET', '/b/k')
    const gate = createGate()
    store.script(behind(gate, answer({ body: 'late' })))
    const client = await connect(proxy)
    await client.send(`GET /b/slow HTTP/1.1\r\n${hostLine}\r\nGET /b/k HTTP/1.1\r\n${hostLine}\r\n`)
    await until(() => proxy.gateway.inFlight > 0)
    client.destroy()
    await proxy.gateway.idle()
    gate.open()
    expect(proxy.gateway.inFlight).toBe(0)
  })
})

describe('a final answer before the body was read', () => {
  it('reaches a client that is still sending', async () => {
    const store = await fakeOrigin()
    store.handle(answerEarly({ status: 403, body: 'no', framing: 'close' }))
    const proxy = await startProxy({ origin: store })
    const client = await connect(proxy)
    const head = `PUT /b/k HTTP/1.1\r\n${hostLine}Content-Length: ${32 << 20}\r\n\r\n`
    // What cannot be sent any more is not missed.
    const sending = client.send(Buffer.concat([Buffer.from(head), Buffer.alloc(32 << 20)])).catch(() => undefined)
    const got = await client.receive()
    expect([got.status, got.body.toString(), got.end.kind]).toEqual([403, 'no', 'complete'])
    await sending
  })

  it('ends the connection, so that the rest of the body is no request', async () => {
    const store = await fakeOrigin()
    store.script(answerEarly({ status: 403, body: 'no' }))
    const proxy = await startProxy({ origin: store })
    const client = await connect(proxy)
    const smuggled = `GET /b/evil HTTP/1.1\r\n${hostLine}\r\n`
    await client.send(`PUT /b/k HTTP/1.1\r\n${hostLine}Content-Length: ${smuggled.length + 100_000}\r\n\r\n`)
    const got = await client.receive()
    expect([got.status, headerValue(got.headers, 'connection')]).toEqual([403, 'close'])
    await client.send(smuggled + 'x'.repeat(100_000)).catch(() => undefined)
    await client.closed()
    await proxy.gateway.idle()
    expect(store.requests.length).toBe(1)
  })

  it('ends the connection of a client that waited for 100 Continue', async () => {
    const store = await fakeOrigin()
    store.script(answerEarly({ status: 403, body: 'no' }))
    const proxy = await startProxy({ origin: store })
    const client = await connect(proxy)
    await client.send(`PUT /b/k HTTP/1.1\r\n${hostLine}Expect: 100-continue\r\nContent-Length: 5\r\n\r\n`)
    const got = await client.receive()
    expect([got.status, headerValue(got.headers, 'connection'), got.interim.length]).toEqual([403, 'close', 0])
  })
})

describe('answers of a store', () => {
  it('with control bytes in the reason phrase reach the client', async () => {
    const store = await fakeOrigin()
    store.handle(async (exchange) => {
      await exchange.readBody()
      await exchange.write('HTTP/1.1 200 O\x01K\r\nETag: "e"\r\nContent-Length: 2\r\n\r\nhi')
    })
    const proxy = await startProxy({ origin: store })
    expect((await proxy.settled('GET', '/b/k')).body.toString()).toBe('hi')
    expect(proxy.gateway.inFlight).toBe(0)
  })

  it('that come after interim ones are not confused by them', async () => {
    const store = await fakeOrigin()
    const final = answer({ headers: ['ETag', '"e"'], body: 'hello' })
    store.handle(interimThen(interimThen(final, 103, ['Link', '</x>']), 102))
    const proxy = await startProxy({ origin: store })
    const got = await proxy.request('GET', '/b/k')
    expect([got.status, got.body.toString()]).toEqual([200, 'hello'])
  })

  it('that claim a huge size break off when they do', async () => {
    const store = await fakeOrigin()
    store.handle(async (exchange) => {
      await exchange.readBody()
      await exchange.write('HTTP/1.1 200 OK\r\nETag: "e"\r\nContent-Length: 999999999999999\r\n\r\nhello')
      exchange.end()
    })
    const proxy = await startProxy({ origin: store })
    const got = await proxy.settled('GET', '/b/k')
    expect([got.body.toString(), got.end.kind === 'complete']).toEqual(['hello', false])
  })

  it('with a size beyond what can be counted are passed on, not kept', async () => {
    const store = await fakeOrigin()
    const range = ['Content-Range', 'bytes 0-4/99999999999999999999']
    store.handle(answer({ status: 206, headers: ['ETag', '"e"', ...range], body: 'hello' }))
    const proxy = await startProxy({ origin: store })
    for (const _ of [1, 2]) {
      const got = await proxy.settled('GET', '/b/k', ['Range', 'bytes=0-4'])
      expect([got.status, got.body.toString(), headerValue(got.headers, 'x-cache')]).toEqual([206, 'hello', 'MISS'])
    }
  })

  it('without a length end with the connection for an HTTP/1.0 client, and break off if they do', async () => {
    const store = await fakeOrigin()
    const gate = createGate()
    store.script(answer({ headers: ['ETag', '"e"'], body: 'hello', framing: 'chunked' }), async (exchange) => {
      await exchange.readBody()
      await exchange.write('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n')
      await gate.pass()
      exchange.reset()
    })
    const proxy = await startProxy({ origin: store })
    const get = `GET /b/k HTTP/1.0\r\n${hostLine}\r\n`
    const first = await connect(proxy)
    await first.send(get)
    const whole = await first.receive()
    expect([whole.body.toString(), whole.end.kind]).toEqual(['hello', 'complete'])
    const second = await connect(proxy)
    await second.send(get)
    const broken = await second.receive({ onBody: () => gate.open() })
    expect(broken.end.kind).toBe('reset')
  })
})
