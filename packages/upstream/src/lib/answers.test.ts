import type { RawHeaders } from '@s3proxy/protocol'
import {
  answer,
  createGate,
  createManualClock,
  createTap,
  dieMidBody,
  drip,
  type FakeOrigin,
  garbage,
  hangUp,
  interimThen,
  type OriginHandler,
  pauseMidBody,
  silence,
  startFakeOrigin,
} from '@s3proxy/testkit'
import { describe, expect, test } from 'vitest'
import type { UpstreamRequest } from './client.ts'
import { createUpstream } from './create-upstream.ts'
import { drain, failureOf, type RequestDraft, requestTo, uploadTo } from './testing.ts'

const senders: Record<string, (origin: FakeOrigin, draft?: RequestDraft) => UpstreamRequest> = {
  'a request without a body': requestTo,
  'a request with a body': (origin, draft) => uploadTo(origin, 'hello', draft),
}
const long = 'abcdefgh'.repeat(40_000)

for (const [name, draftTo] of Object.entries(senders)) {
  describe(`the answer to ${name}`, () => {
    test('keeps status, reason and header pairs as they are', async () => {
      const headers = [
        'x-B',
        '1',
        'X-a',
        'caf\xe9',
        'x-b',
        '',
        'eTag',
        '"x"',
        'Connection',
        'keep-alive',
        'Set-Cookie',
        'a',
      ]
      await using origin = await startFakeOrigin({
        handler: answer({ status: 207, reason: 'Odd One', headers, body: 'x' }),
      })
      const upstream = createUpstream()
      const response = await upstream.send(draftTo(origin))
      expect(response).toMatchObject({ status: 207, reason: 'Odd One', remoteAddress: '127.0.0.1' })
      expect(response.headers).toEqual([...headers, 'Content-Length', '1'])
      expect(await drain(response.body)).toEqual({ text: 'x', error: undefined })
      await upstream.close()
    })

    for (const framing of ['length', 'chunked', 'close'] as const) {
      for (const body of ['', 'x', long]) {
        test(`ends cleanly after ${body.length} bytes framed by ${framing}`, async () => {
          await using origin = await startFakeOrigin({ handler: answer({ framing, body }) })
          const upstream = createUpstream()
          const response = await upstream.send(draftTo(origin))
          const { text, error } = await drain(response.body)
          expect(error).toBeUndefined()
          expect(text === body).toBe(true)
          await upstream.close()
        })
      }
      for (const how of ['end', 'reset'] as const) {
        if (framing === 'close' && how === 'end') continue
        test(`fails after the bytes that came when a body framed by ${framing} breaks off by ${how}`, async () => {
          await using origin = await startFakeOrigin()
          const upstream = createUpstream()
          const gate = createGate('read')
          origin.script(async (exchange) => {
            await exchange.readBody()
            const head = {
              length: 'Content-Length: 10',
              chunked: 'Transfer-Encoding: chunked',
              close: 'Connection: close',
            }
            await exchange.write(
              `HTTP/1.1 200 OK\r\n${head[framing]}\r\n\r\n${framing === 'chunked' ? '5\r\n' : ''}abcde`,
            )
            await gate.pass()
            exchange[how]()
          })
          const { body } = await upstream.send(draftTo(origin))
          expect(Buffer.from((await body.next()) ?? '').toString()).toBe('abcde')
          gate.open()
          const { text, error } = await drain(body)
          expect(text).toBe('')
          expect(error).toMatchObject({ code: 'UpstreamTruncated', source: 'upstream' })
          await upstream.close()
        })
      }
    }

    for (const [what, status, headers] of [
      ['204', 204, []],
      ['304', 304, ['ETag', '"x"']],
      ['304 with the length of the object', 304, ['Content-Length', '1234']],
    ] as const satisfies [string, number, RawHeaders][]) {
      test(`has no body if it is ${what}`, async () => {
        await using origin = await startFakeOrigin({ handler: answer({ status, headers, framing: 'given' }) })
        const upstream = createUpstream()
        for (let i = 0; i < 2; i++) {
          const response = await upstream.send(draftTo(origin))
          expect(response.headers).toEqual(headers)
          expect(await drain(response.body)).toEqual({ text: '', error: undefined })
        }
        await upstream.close()
      })
    }

    test('is a bad gateway when the store hangs up on a new connection', async () => {
      for (const how of ['end', 'reset'] as const) {
        await using origin = await startFakeOrigin({ handler: hangUp(how) })
        const upstream = createUpstream()
        const error = await failureOf(upstream.send(draftTo(origin)))
        expect(error).toMatchObject({ code: 'BadGateway', reason: 'connection-lost', source: 'upstream' })
        expect(origin.requests.length).toBe(1)
        await upstream.close()
      }
    })

    for (const [what, bytes] of Object.entries({
      'not HTTP': 'SSH-2.0-OpenSSH\r\n\r\n',
      'two lengths': 'HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nx',
      'length and chunked':
        'HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\n\r\n',
      'a status beyond 599': 'HTTP/1.1 999 What\r\nContent-Length: 0\r\n\r\n',
      'a switch of protocols': 'HTTP/1.1 101 Switching\r\nUpgrade: h2c\r\nConnection: Upgrade\r\n\r\n',
      'a head without end': `HTTP/1.1 200 OK\r\n${`X-Filler: ${'x'.repeat(1000)}\r\n`.repeat(100)}`,
      'interim answers without end': 'HTTP/1.1 102 Processing\r\n\r\n'.repeat(100),
    })) {
      test(`is a bad gateway when it is ${what}`, async () => {
        await using origin = await startFakeOrigin({ handler: garbage(bytes) })
        const upstream = createUpstream()
        expect(await failureOf(upstream.send(draftTo(origin)))).toMatchObject({ code: 'BadGateway' })
        await upstream.close()
      })
    }

    test('fails inside a body that is not chunked as it says', async () => {
      const bytes = 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\nzz\r\n'
      await using origin = await startFakeOrigin({ handler: garbage(bytes) })
      const upstream = createUpstream()
      const { body } = await upstream.send(draftTo(origin))
      expect((await drain(body)).error).toMatchObject({ code: 'UpstreamTruncated' })
      await upstream.close()
    })

    test('comes after the interim ones, in order', async () => {
      const seen: unknown[] = []
      const onInformational = (status: number, headers: RawHeaders): void => void seen.push([status, headers])
      await using origin = await startFakeOrigin({
        handler: interimThen(interimThen(answer({ body: 'x' }), 103, ['Link', '<b>', 'LINK', 'c']), 102),
      })
      const upstream = createUpstream()
      const { status, body } = await upstream.send(draftTo(origin, { onInformational }))
      expect(status).toBe(200)
      expect(seen).toEqual([
        [102, []],
        [103, ['Link', '<b>', 'LINK', 'c']],
      ])
      expect((await drain(body)).text).toBe('x')
      await upstream.close()
    })

    test('is lost to a caller whose own hook throws', async () => {
      await using origin = await startFakeOrigin({ handler: interimThen(answer({ body: 'x' }), 102) })
      const upstream = createUpstream()
      const onInformational = (): void => {
        throw new Error('hook')
      }
      await failureOf(upstream.send(draftTo(origin, { onInformational })))
      await upstream.close()
    })

    test('is a gateway timeout when the head does not come in time', async () => {
      const clock = createManualClock()
      await using origin = await startFakeOrigin({ handler: silence() })
      const upstream = createUpstream({ clock, firstByteTimeoutMs: 3_000, connectTimeoutMs: 1_000 })
      const failure = failureOf(upstream.send(draftTo(origin)))
      const { bodyEnd } = await origin.received(1)
      expect(bodyEnd).toBeUndefined()
      await clock.advanceAsync(2_999)
      expect(clock.pendingTimers).toBe(1)
      await clock.advanceAsync(1)
      expect(await failure).toMatchObject({ code: 'GatewayTimeout', reason: 'first-byte-timeout' })
      await upstream.close()
      expect(clock.pendingTimers).toBe(0)
    })

    test('may be waited for as long as the request itself allows', async () => {
      const clock = createManualClock()
      await using origin = await startFakeOrigin({ handler: silence() })
      const upstream = createUpstream({ clock })
      const failure = failureOf(upstream.send(draftTo(origin, { timeouts: { firstByteMs: 100 } })))
      await origin.received(1)
      await clock.advanceAsync(20_000)
      expect(await failure).toMatchObject({ code: 'GatewayTimeout' })
      await upstream.close()
    })

    test('fails when the store falls silent while the reader waits, not while the reader is slow', async () => {
      const clock = createManualClock()
      const gate = createGate('never')
      const body = 'abc'
      await using origin = await startFakeOrigin({ handler: pauseMidBody({ body }, 1, gate) })
      const upstream = createUpstream({ clock, idleTimeoutMs: 2_000 })
      const response = await upstream.send(draftTo(origin))
      await clock.advanceAsync(60_000)
      expect(await response.body.next()).toHaveLength(1)
      await clock.advanceAsync(60_000)
      const next = drain(response.body)
      await clock.advanceAsync(2_000)
      expect((await next).error).toMatchObject({ code: 'GatewayTimeout', reason: 'idle-timeout' })
      gate.open()
      await upstream.close()
      expect(clock.pendingTimers).toBe(0)
    })

    test('goes on as long as some bytes come within the idle time', async () => {
      const clock = createManualClock()
      const tap = createTap()
      await using origin = await startFakeOrigin({ handler: drip({ body: 'abcde' }, tap) })
      const upstream = createUpstream({ clock, idleTimeoutMs: 1_000 })
      const { body } = await upstream.send(draftTo(origin, { timeouts: { idleMs: 5_000 } }))
      for (const expected of 'abcde') {
        const next = body.next()
        await clock.advanceAsync(4_000)
        tap.release(1)
        expect(Buffer.from((await next) ?? '').toString()).toBe(expected)
      }
      expect(await body.next()).toBeNull()
      await upstream.close()
    })

    test('is read no faster than it is drained', async () => {
      const total = 64 * 1024 * 1024
      const chunk = Buffer.alloc(1024 * 1024, 'z')
      const sent = { bytes: 0 }
      await using origin = await startFakeOrigin()
      origin.script(async (exchange) => {
        await exchange.readBody()
        await exchange.write(`HTTP/1.1 200 OK\r\nContent-Length: ${total}\r\n\r\n`)
        for (; sent.bytes < total; sent.bytes += chunk.length) {
          if ((await exchange.write(chunk)) === 'gone') return
        }
      })
      const upstream = createUpstream()
      const { body } = await upstream.send(draftTo(origin))
      let read = 0
      for (let i = 0; i < 20; i++) read += (await body.next())?.length ?? 0
      // everything that can move moves: kernel buffers hold a few MiB, the rest stays at the store
      for (let i = 0; i < 200; i++) await new Promise((resolve) => setImmediate(resolve))
      expect(sent.bytes).toBeLessThan(total / 2)
      for (let piece = await body.next(); piece !== null; piece = await body.next()) read += piece.length
      expect(read).toBe(total)
      await upstream.close()
    })

    test('cancelled before its end closes the connection', async () => {
      const watch = createGoneWatch(`${partialAnswer}a`)
      await using origin = await startFakeOrigin({ handler: watch.handler })
      const upstream = createUpstream()
      const { body } = await upstream.send(draftTo(origin))
      await body.next()
      const pending = Promise.resolve(body.next())
      body.cancel()
      body.cancel()
      await expect(pending).rejects.toMatchObject({ code: 'ClientClosed' })
      await watch.gone()
      await upstream.close()
    })

    test('cancelled after it has arrived leaves the connection for others', async () => {
      await using origin = await startFakeOrigin({ handler: answer({ body: 'abc' }) })
      const upstream = createUpstream()
      for (let i = 0; i < 3; i++) {
        const { body } = await upstream.send(draftTo(origin))
        await body.next()
        await settle()
        body.cancel()
        await settle()
      }
      expect(origin.connections.accepted).toBe(1)
      await upstream.close()
    })

    test('drained leaves the connection for others, whatever its framing', async () => {
      await using origin = await startFakeOrigin()
      const upstream = createUpstream()
      origin.script(answer({ body: 'a' }), answer({ body: long, framing: 'chunked' }), answer({ body: '' }))
      origin.script(
        answer({ status: 304, framing: 'given' }),
        answer({ status: 404, body: 'x' }),
        answer({ body: long }),
      )
      for (let i = 0; i < 6; i++) {
        const { body } = await upstream.send(draftTo(origin))
        await drain(body)
        await settle()
      }
      expect(origin.connections.accepted).toBe(1)
      await upstream.close()
    })
  })

  describe(`the signal of ${name}`, () => {
    test('fires before it is sent', async () => {
      await using origin = await startFakeOrigin()
      const upstream = createUpstream()
      const error = await failureOf(upstream.send(draftTo(origin, { signal: AbortSignal.abort() })))
      expect(error).toMatchObject({ code: 'ClientClosed', source: 'client' })
      expect(origin.connections.accepted).toBe(0)
      await upstream.close()
    })

    test('fires in the same turn', async () => {
      await using origin = await startFakeOrigin({ handler: silence() })
      const upstream = createUpstream()
      const abort = new AbortController()
      const failure = failureOf(upstream.send(draftTo(origin, { signal: abort.signal })))
      abort.abort()
      expect(await failure).toMatchObject({ code: 'ClientClosed' })
      await upstream.close()
      expect(origin.requests.length).toBe(0)
    })

    test('fires while the store thinks', async () => {
      const watch = createGoneWatch('')
      await using origin = await startFakeOrigin({ handler: watch.handler })
      const upstream = createUpstream()
      const abort = new AbortController()
      const failure = failureOf(upstream.send(draftTo(origin, { signal: abort.signal })))
      await origin.received(1)
      abort.abort()
      expect(await failure).toMatchObject({ code: 'ClientClosed' })
      await watch.gone()
      await upstream.close()
    })

    test('fires inside the body', async () => {
      const watch = createGoneWatch(`${partialAnswer}a`)
      await using origin = await startFakeOrigin({ handler: watch.handler })
      const upstream = createUpstream()
      const abort = new AbortController()
      const { body } = await upstream.send(draftTo(origin, { signal: abort.signal }))
      await body.next()
      const rest = drain(body)
      abort.abort()
      expect((await rest).error).toMatchObject({ code: 'ClientClosed' })
      await watch.gone()
      await upstream.close()
    })

    test('does nothing after the end', async () => {
      await using origin = await startFakeOrigin({ handler: answer({ body: 'abc' }) })
      const upstream = createUpstream()
      const abort = new AbortController()
      const { body } = await upstream.send(draftTo(origin, { signal: abort.signal }))
      await drain(body)
      await settle()
      abort.abort()
      await drain((await upstream.send(draftTo(origin))).body)
      expect(origin.connections.accepted).toBe(1)
      await upstream.close()
    })
  })

  test(`an unread answer to ${name} is not lost when the store closes after it`, async () => {
    await using origin = await startFakeOrigin({ handler: dieMidBody({ body: 'abc' }, 3, 'end') })
    const upstream = createUpstream()
    const { body } = await upstream.send(draftTo(origin))
    await settle()
    expect(await drain(body)).toEqual({ text: 'abc', error: undefined })
    await upstream.close()
  })
}

test('the answer to HEAD has no body, whatever its length says, and leaves the connection for others', async () => {
  await using origin = await startFakeOrigin({ handler: answer({ body: long }) })
  const upstream = createUpstream()
  for (let i = 0; i < 3; i++) {
    const { body, headers } = await upstream.send(requestTo(origin, { method: 'HEAD' }))
    expect(headers).toEqual(['Content-Length', String(long.length)])
    expect(await drain(body)).toEqual({ text: '', error: undefined })
    await settle()
  }
  expect(origin.connections.accepted).toBe(1)
  await upstream.close()
})

/** Lets the event loop turn until everything on the loopback has settled. */
async function settle(): Promise<void> {
  for (let i = 0; i < 10; i++) await new Promise((resolve) => setImmediate(resolve))
}

const partialAnswer = 'HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n'

/** An origin that answers `start`, and that writes on when asked, until it learns that the client has closed. */
function createGoneWatch(start: string): { readonly handler: OriginHandler; gone(): Promise<void> } {
  const asked = createGate('asked')
  const told = createGate('told')
  return {
    async handler(exchange) {
      await exchange.readBody()
      await exchange.write(start)
      await asked.pass()
      while ((await exchange.write('x')) !== 'gone') await settle()
      told.open()
    },
    gone() {
      asked.open()
      return told.pass()
    },
  }
}
