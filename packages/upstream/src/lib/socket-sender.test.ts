import { answer, createGate, createManualClock, type OriginHandler, startFakeOrigin } from '@s3proxy/testkit'
import { describe, expect, test } from 'vitest'
import { createUpstream } from './create-upstream.ts'
import { drain, failureOf, requestTo } from './testing.ts'

const ok = answer({ body: 'ok' })
const wire =
  (bytes: string): OriginHandler =>
  async (exchange) => {
    await exchange.readBody()
    await exchange.write(bytes)
  }

describe('a connection', () => {
  for (const [what, bytes] of Object.entries({
    'a second answer nobody asked for':
      'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nokHTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil',
    'bytes after the answer': 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok\r\n',
    'the body that a 304 must not have': 'HTTP/1.1 304 Not Modified\r\nContent-Length: 4\r\n\r\nevil',
    'an announcement that it closes': 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: x, Close\r\n\r\nok',
    'an answer of HTTP/1.0': 'HTTP/1.0 200 OK\r\nContent-Length: 2\r\nConnection: keep-alive\r\n\r\nok',
    'no time to keep it': 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\nKeep-Alive: max=5, timeout=1\r\n\r\nok',
  })) {
    test(`that brings ${what} is not used again`, async () => {
      await using origin = await startFakeOrigin({ handler: ok })
      origin.script(wire(bytes))
      const upstream = createUpstream()
      const first = await drain((await upstream.send(requestTo(origin))).body)
      expect(first).toEqual({ text: bytes.includes(' 304 ') ? '' : 'ok', error: undefined })
      const second = await upstream.send(requestTo(origin))
      expect(await drain(second.body)).toEqual({ text: 'ok', error: undefined })
      expect(origin.connections.accepted).toBe(2)
      await upstream.close()
    })
  }

  test('that the request itself closes is not used again', async () => {
    await using origin = await startFakeOrigin({ handler: wire('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok') })
    const upstream = createUpstream()
    for (const method of ['GET', 'POST', 'DELETE']) {
      const headers = ['Host', 'a', 'Connection', 'keep-alive, close']
      await drain((await upstream.send(requestTo(origin, { method, headers }))).body)
    }
    expect(origin.connections.accepted).toBe(3)
    await upstream.close()
  })

  test('that speaks while nobody has asked is closed', async () => {
    const asked = createGate('asked')
    await using origin = await startFakeOrigin({ handler: ok })
    origin.script(async (exchange) => {
      await exchange.readBody()
      await exchange.write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok')
      await asked.pass()
      await exchange.write('HTTP/1.1 408 Request Timeout\r\nContent-Length: 0\r\n\r\n')
    })
    const upstream = createUpstream()
    await drain((await upstream.send(requestTo(origin))).body)
    asked.open()
    await until(() => origin.connections.open === 0)
    expect((await upstream.send(requestTo(origin))).status).toBe(200)
    await upstream.close()
  })

  test('is kept as long as we are told to, or a second less than the store says it will', async () => {
    for (const [header, keptMs] of [
      [[], 30_000],
      [['Keep-Alive', 'timeout=5'], 4_000],
      [['Keep-Alive', 'timeout=100'], 30_000],
      [['Keep-Alive', 'max=3'], 30_000],
    ] as const) {
      const clock = createManualClock()
      await using origin = await startFakeOrigin({ handler: answer({ body: 'ok', headers: header }) })
      const upstream = createUpstream({ clock })
      await drain((await upstream.send(requestTo(origin))).body)
      clock.advance(keptMs - 1)
      await drain((await upstream.send(requestTo(origin))).body)
      expect(origin.connections).toMatchObject({ accepted: 1, open: 1 })
      clock.advance(keptMs)
      await until(() => origin.connections.open === 0)
      await upstream.close()
      expect(clock.pendingTimers).toBe(0)
    }
  })

  test('that was made for a request given up meanwhile serves the next', async () => {
    await using origin = await startFakeOrigin({ handler: ok })
    const upstream = createUpstream()
    const abort = new AbortController()
    const failure = failureOf(upstream.send(requestTo(origin, { signal: abort.signal })))
    abort.abort()
    await failure
    await until(() => origin.connections.open === 1)
    await settle()
    await drain((await upstream.send(requestTo(origin))).body)
    expect(origin.connections.accepted).toBe(1)
    await upstream.close()
    await until(() => origin.connections.open === 0)
  })

  test('that went silent is not taken for one the store had closed', async () => {
    const clock = createManualClock()
    await using origin = await startFakeOrigin({ handler: ok })
    const upstream = createUpstream({ clock, firstByteTimeoutMs: 1_000 })
    await drain((await upstream.send(requestTo(origin))).body)
    origin.script(() => new Promise(() => undefined))
    const failure = failureOf(upstream.send(requestTo(origin)))
    await origin.received(2)
    await clock.advanceAsync(1_000)
    expect(await failure).toMatchObject({ code: 'GatewayTimeout', reason: 'first-byte-timeout' })
    expect(origin.requests.length).toBe(2)
    await upstream.close()
  })

  test('whose reading was paused when the answer ended can be used again', async () => {
    const body = 'abcdefgh'.repeat(100_000)
    await using origin = await startFakeOrigin({ handler: answer({ body }) })
    const upstream = createUpstream({ maxBufferedBytes: 1 })
    for (let i = 0; i < 3; i++) {
      const response = await upstream.send(requestTo(origin))
      await settle()
      const { text, error } = await drain(response.body)
      expect(error).toBeUndefined()
      expect(text === body).toBe(true)
    }
    await upstream.close()
  })
})

test('pieces of a body stay as they were given, whatever else is read', async () => {
  const bodies = ['a', 'b', 'c', 'd'].map((letter) => letter.repeat(300_000))
  await using origin = await startFakeOrigin()
  const upstream = createUpstream()
  const kept: Uint8Array[][] = []
  for (const body of bodies) {
    origin.script(answer({ body, framing: kept.length % 2 === 0 ? 'length' : 'chunked' }))
    const source = (await upstream.send(requestTo(origin))).body
    const pieces: Uint8Array[] = []
    for (let piece = await source.next(); piece !== null; piece = await source.next()) pieces.push(piece)
    kept.push(pieces)
  }
  expect(kept.map((pieces) => Buffer.concat(pieces).toString())).toEqual(bodies)
  await upstream.close()
})

/** Lets the event loop turn until everything on the loopback has settled. */
async function settle(): Promise<void> {
  for (let i = 0; i < 10; i++) await new Promise((resolve) => setImmediate(resolve))
}

/** Lets the event loop turn until `condition` holds; the test's own time limit ends it otherwise. */
async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setImmediate(resolve))
}
