import {
  answer,
  createCertificateAuthority,
  createGate,
  createManualClock,
  type OriginHandler,
  startFakeOrigin,
} from '@s3proxy/testkit'
import { describe, expect, test } from 'vitest'
import { createUpstream } from './create-upstream.ts'
import { drain, failureOf, requestTo } from './testing.ts'

const authority = await createCertificateAuthority()
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

for (const size of [3, 100_000, 131_072, 300_000]) {
  test(`a surplus byte after a body of ${size} bytes ends the connection, and so does the store`, async () => {
    const head = `HTTP/1.1 200 OK\r\nContent-Length: ${size}\r\n\r\n`
    for (const end of ['x', undefined]) {
      await using origin = await startFakeOrigin({ handler: ok })
      origin.script(async (exchange) => {
        await exchange.readBody()
        await exchange.write(`${head}${'b'.repeat(size)}${end ?? ''}`)
        if (end === undefined) exchange.end()
      })
      const upstream = createUpstream()
      const { body } = await upstream.send(requestTo(origin))
      const { text, error } = await drain(body)
      expect(error).toBeUndefined()
      expect(text === 'b'.repeat(size)).toBe(true)
      await settle()
      expect((await drain((await upstream.send(requestTo(origin))).body)).text).toBe('ok')
      expect(origin.connections.accepted).toBe(2)
      await upstream.close()
    }
  })
}

for (const tls of [undefined, await authority.issue({ ips: ['127.0.0.1'] })]) {
  test(`bodies of all sizes come one after the other over one connection, ${tls === undefined ? 'plain' : 'TLS'}`, async () => {
    const sizes = [131_072, 1, 400_000, 16_384, 65_536, 262_144, 65_535, 0, 300_001]
    await using origin = await startFakeOrigin(tls === undefined ? {} : { tls })
    const upstream = createUpstream({ ca: [authority.caPem] })
    for (const isPlaced of [false, true]) {
      for (const size of sizes) {
        origin.script(answer({ body: 'z'.repeat(size) }))
        const { body, readInto } = await upstream.send(requestTo(origin))
        if (isPlaced && size > 0) readInto?.(Buffer.alloc(size))
        const { text, error } = await drain(body)
        expect([text.length, error]).toEqual([size, undefined])
        await settle()
      }
    }
    expect(origin.connections.accepted).toBe(1)
    await upstream.close()
  })
}

test('a body can be read to memory made for it, and other bodies are not', async () => {
  const bodies = ['a', 'b', 'c'].map((letter) => letter.repeat(400_000))
  await using origin = await startFakeOrigin()
  const upstream = createUpstream()
  for (const body of bodies) {
    origin.script(answer({ body }))
    const response = await upstream.send(requestTo(origin))
    const memory = Buffer.alloc(body === bodies[1] ? body.length : 10, '.')
    response.readInto?.(memory)
    const { text } = await drain(response.body)
    response.readInto?.(Buffer.alloc(body.length))
    expect(text === body).toBe(true)
    expect(memory.includes('b')).toBe(body === bodies[1])
    await settle()
  }
  expect(origin.connections.accepted).toBe(1)
  await upstream.close()
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
