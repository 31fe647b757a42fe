import { expect, onTestFinished, test } from 'vitest'
import { createBarrier } from '../barrier.ts'
import { connectHttp, type HttpConnection, requestOnce } from '../http-client.ts'
import { answer, answerEarly, behind, createTap, dieMidBody, drip, garbage, hangUp, interimThen } from './answers.ts'
import { type FakeOrigin, type FakeOriginOptions, startFakeOrigin } from './fake-origin.ts'

async function connected(options: FakeOriginOptions = {}): Promise<{ origin: FakeOrigin; client: HttpConnection }> {
  const origin = await startFakeOrigin(options)
  onTestFinished(() => origin.close())
  const client = await connectHttp({ port: origin.port })
  onTestFinished(() => client.destroy())
  return { origin, client }
}

const get = { method: 'GET', target: '/', headers: ['Host', 'a'] }

test('records each request byte for byte, on kept-alive connections', async () => {
  const { origin, client } = await connected({ handler: answer({ body: 'ok' }) })
  const head = 'GET /a%2Fb?x=1+2 HTTP/1.1\r\nhOsT:  a:80\r\nX-Odd:\xe9\r\n\r\n'
  await client.send(
    `${head}PUT /k HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\nT: v\r\n\r\n`,
  )
  expect((await client.receive()).body.toString()).toBe('ok')
  expect((await client.receive()).status).toBe(200)
  const [first, second] = origin.requests
  expect(first?.rawHead.toString('latin1')).toBe(head)
  expect(first).toMatchObject({ method: 'GET', target: '/a%2Fb?x=1+2', headers: ['hOsT', 'a:80', 'X-Odd', '\xe9'] })
  expect(second?.body.toString()).toBe('abc')
  expect(second?.bodyEnd).toEqual({ kind: 'complete', trailers: ['T', 'v'] })
  expect(second?.connection).toBe(0)
  expect(origin.connections.accepted).toBe(1)
})

test('a client sees each kind of broken body as what it is', async () => {
  const origin = await startFakeOrigin()
  onTestFinished(() => origin.close())
  const body = 'x'.repeat(1000)
  origin.script(
    dieMidBody({ body }, 10, 'end'),
    dieMidBody({ body, framing: 'chunked' }, 10, 'end'),
    dieMidBody({ body }, 10, 'reset'),
    answer({ body, framing: 'chunked' }),
    answer({ body, framing: 'close' }),
    answer({ body: 'zz\r\n', framing: 'given', headers: ['Transfer-Encoding', 'chunked', 'Connection', 'close'] }),
  )
  const ends: string[] = []
  for (let i = 0; i < 6; i++) ends.push((await requestOnce({ port: origin.port }, get)).end.kind)
  expect(ends).toEqual(['truncated', 'truncated', 'reset', 'complete', 'complete', 'malformed'])
})

test('no answer, or none that is HTTP, is an error for the client', async () => {
  const origin = await startFakeOrigin()
  onTestFinished(() => origin.close())
  origin.script(hangUp('end'), garbage('what?\r\n\r\n'))
  await expect(requestOnce({ port: origin.port }, get)).rejects.toThrow('ended (end)')
  await expect(requestOnce({ port: origin.port }, get)).rejects.toThrow('not a status line')
})

test('interim answers come before the final one', async () => {
  const { client } = await connected({
    handler: interimThen(interimThen(answer({ status: 204 })), 103, ['Link', '</x>']),
  })
  const got = await client.request({ method: 'PUT', target: '/', headers: ['Host', 'a', 'Content-Length', '0'] })
  expect(got.interim.map(({ status }) => status)).toEqual([103, 100])
  expect(got.status).toBe(204)
})

test('a final answer may come while the body is still on its way', async () => {
  const { client } = await connected({ handler: answerEarly({ status: 403, framing: 'close' }) })
  await client.send('PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\nExpect: 100-continue\r\n\r\n')
  expect((await client.receive()).status).toBe(403)
  expect(await client.closed()).toBe('end')
})

test('gates and taps order events without sleeping', async () => {
  const barrier = createBarrier()
  const tap = createTap()
  const { origin, client } = await connected({
    handler: behind(barrier.gate('answer'), drip({ body: 'abcdef' }, tap)),
  })
  const seen: string[] = []
  const answered = client.request(get, {
    onBody: (bytes) => {
      seen.push(bytes.toString())
      if (seen.length < 3) tap.release(2)
    },
  })
  await origin.received(1)
  await barrier.gate('answer').reached()
  barrier.openAll()
  tap.release(2)
  expect((await answered).bodyBytes).toBe(6)
  expect(seen).toEqual(['ab', 'cd', 'ef'])
})

test('a handler that throws fails the test at close', async () => {
  const origin = await startFakeOrigin({
    handler: () => {
      throw new Error('a bug in a test')
    },
  })
  await expect(requestOnce({ port: origin.port }, get)).rejects.toThrow('ended')
  await expect(origin.close()).rejects.toThrow('handler of the fake origin failed')
})
