import { once } from 'node:events'
import { headerValue } from '@s3proxy/protocol'
import {
  answer,
  answerEarly,
  connectHttp,
  createGate,
  type ObjectOrigin,
  startFakeOrigin,
  startObjectOrigin,
} from '@s3proxy/testkit'
import { describe, expect, it, onTestFinished } from 'vitest'
import { gist, host, startProxy } from './harness.ts'

async function origin(): Promise<ObjectOrigin> {
  const started = await startObjectOrigin()
  onTestFinished(() => started.close())
  return started
}

const length = (body: Buffer) => ['Content-Length', String(body.length)]

describe('writes through the proxy', () => {
  it.each([
    ['PUT', '/b/k', Buffer.from('new'), [200, 'MISS', 'new']],
    ['DELETE', '/b/k', undefined, [404, 'MISS', '']],
    ['PUT', '/b/%6B', Buffer.from('new'), [200, 'MISS', 'new']],
  ] as const)('%s %s: the next read asks the store', async (method, target, body, expected) => {
    const store = await origin()
    store.objects.put('b', 'k', 'old')
    const proxy = await startProxy({ origin: store })
    await proxy.settled('GET', '/b/k')
    expect(gist(await proxy.settled('GET', '/b/k'))).toEqual([200, 'HIT', 'old'])
    await proxy.settled(method, target, body === undefined ? [] : length(body), body)
    const [status, cache, read] = gist(await proxy.settled('GET', '/b/k'))
    expect([status, cache, status === 404 ? '' : read]).toEqual(expected)
  })

  it('forgets the key even if the write failed, for nobody knows what the store did', async () => {
    const store = await startFakeOrigin()
    onTestFinished(() => store.close())
    const object = answer({ headers: ['ETag', '"e"'], body: 'hello' })
    store.script(object, answer({ status: 500 }), object)
    const proxy = await startProxy({ origin: store })
    await proxy.settled('GET', '/b/k')
    await proxy.settled('PUT', '/b/k', ['Content-Length', '1'], Buffer.from('x'))
    expect(gist(await proxy.settled('GET', '/b/k'))).toEqual([200, 'MISS', 'hello'])
  })

  it.each([
    ['tagging', 'PUT', '/b/k?tagging'],
    ['retention', 'PUT', '/b/k?retention'],
    ['multipart completion', 'POST', '/b/k?uploadId=u'],
    ['bucket deletion', 'DELETE', '/b'],
    ['a POST form', 'POST', '/b'],
  ])('%s makes the next read ask the store', async (_name, method, target) => {
    const store = await startFakeOrigin({ handler: answer({ headers: ['ETag', '"e"'], body: 'hello' }) })
    onTestFinished(() => store.close())
    const proxy = await startProxy({ origin: store })
    await proxy.settled('GET', '/b/k')
    await proxy.settled(method, target, ['Content-Length', '1'], Buffer.from('x'))
    expect(gist(await proxy.settled('GET', '/b/k'))[1]).not.toBe('HIT')
  })

  it.each([
    ['UploadPart', 'PUT', '/b/k?partNumber=1&uploadId=u'],
    ['AbortMultipartUpload', 'DELETE', '/b/k?uploadId=u'],
    ['a write of another key', 'PUT', '/b/other'],
  ])('%s leaves the object where it is', async (_name, method, target) => {
    const store = await startFakeOrigin({ handler: answer({ headers: ['ETag', '"e"'], body: 'hello' }) })
    onTestFinished(() => store.close())
    const proxy = await startProxy({ origin: store })
    await proxy.settled('GET', '/b/k')
    await proxy.settled(method, target, ['Content-Length', '1'], Buffer.from('x'))
    expect(gist(await proxy.settled('GET', '/b/k'))).toEqual([200, 'HIT', 'hello'])
  })

  it('forgets the keys that a DeleteObjects lists, entities and all, and no others', async () => {
    const store = await startFakeOrigin({ handler: answer({ headers: ['ETag', '"e"'], body: 'hello' }) })
    onTestFinished(() => store.close())
    const proxy = await startProxy({ origin: store })
    for (const target of ['/b/a%26b', '/b/kept']) await proxy.settled('GET', target)
    const body = Buffer.from('<Delete><Quiet>true</Quiet><Object><Key>a&amp;b</Key></Object></Delete>')
    await proxy.settled('POST', '/b?delete', length(body), body)
    expect(gist(await proxy.settled('GET', '/b/a%26b'))[1]).toBe('MISS')
    expect(gist(await proxy.settled('GET', '/b/kept'))[1]).toBe('HIT')
  })

  it('forgets the key of a form upload, and no other', async () => {
    const store = await startFakeOrigin({ handler: answer({ headers: ['ETag', '"e"'], body: 'hello' }) })
    onTestFinished(() => store.close())
    const proxy = await startProxy({ origin: store })
    for (const target of ['/b/up.txt', '/b/kept']) await proxy.settled('GET', target)
    const body = Buffer.from(
      '--x\r\nContent-Disposition: form-data; name="key"\r\n\r\nup.txt\r\n' +
        '--x\r\nContent-Disposition: form-data; name="file"; filename="f"\r\n\r\nnew\r\n--x--\r\n',
    )
    await proxy.settled('POST', '/b', ['Content-Type', 'multipart/form-data; boundary=x', ...length(body)], body)
    expect(gist(await proxy.settled('GET', '/b/up.txt'))[1]).toBe('MISS')
    expect(gist(await proxy.settled('GET', '/b/kept'))[1]).toBe('HIT')
  })

  it('forgets the whole bucket when a DeleteObjects cannot be read', async () => {
    const store = await startFakeOrigin({ handler: answer({ headers: ['ETag', '"e"'], body: 'hello' }) })
    onTestFinished(() => store.close())
    const proxy = await startProxy({ origin: store })
    await proxy.settled('GET', '/b/k')
    const body = Buffer.from('<Delete><Object><Key>k</Key>')
    await proxy.settled('POST', '/b?delete', length(body), body)
    expect(gist(await proxy.settled('GET', '/b/k'))[1]).not.toBe('HIT')
  })

  it('keeps no fill that began before a write, and lets nobody join it', async () => {
    const store = await startFakeOrigin()
    onTestFinished(() => store.close())
    const gate = createGate()
    store.script(
      async (exchange) => {
        await exchange.write('HTTP/1.1 200 OK\r\nETag: "old"\r\nContent-Length: 6\r\n\r\nold')
        await gate.pass()
        await exchange.write('old')
      },
      answer({ headers: ['ETag', '"new"'] }),
      answer({ headers: ['ETag', '"new"'], body: 'newnew' }),
    )
    const proxy = await startProxy({ origin: store })
    const slow = proxy.request('GET', '/b/k')
    await store.received(1)
    await proxy.request('PUT', '/b/k', ['Content-Length', '1'], Buffer.from('x'))
    expect(gist(await proxy.request('GET', '/b/k'))).toEqual([200, 'MISS', 'newnew'])
    gate.open()
    expect(gist(await slow)).toEqual([200, 'MISS', 'oldold'])
    await proxy.gateway.idle()
    const after = gist(await proxy.settled('GET', '/b/k'))
    expect(after[2]).not.toBe('oldold')
  })

  it('relays 100 Continue from the store, and only then pulls the body', async () => {
    const store = await startFakeOrigin()
    onTestFinished(() => store.close())
    const gate = createGate()
    store.handle(async (exchange) => {
      await gate.pass()
      await exchange.write('HTTP/1.1 100 Continue\r\n\r\n')
      await exchange.readBody()
      await exchange.write('HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n')
    })
    const proxy = await startProxy({ origin: store })
    const client = await connectHttp({ port: proxy.port })
    onTestFinished(() => client.destroy())
    await client.send(`PUT /b/k HTTP/1.1\r\nHost: ${host}\r\nContent-Length: 3\r\nExpect: 100-continue\r\n\r\n`)
    const request = await store.received(1)
    expect(headerValue(request.headers, 'expect')).toBe('100-continue')
    gate.open()
    const answered = client.receive({ method: 'PUT' })
    await once(client.socket, 'data')
    await client.send('abc')
    const { interim, status } = await answered
    expect([interim.map((head) => head.status), status]).toEqual([[100], 200])
    expect(request.body.toString()).toBe('abc')
  })

  it('passes a final status that comes instead of 100 Continue, and closes', async () => {
    const store = await startFakeOrigin({ handler: answerEarly({ status: 403, body: '<Error/>', framing: 'close' }) })
    onTestFinished(() => store.close())
    const proxy = await startProxy({ origin: store })
    const client = await connectHttp({ port: proxy.port })
    onTestFinished(() => client.destroy())
    await client.send(`PUT /b/k HTTP/1.1\r\nHost: ${host}\r\nContent-Length: 3\r\nExpect: 100-continue\r\n\r\n`)
    const { interim, status, headers } = await client.receive({ method: 'PUT' })
    expect([interim.length, status, headerValue(headers, 'connection')]).toEqual([0, 403, 'close'])
    expect(await client.closed()).toBe('end')
  })
})
