import { createNoopStore } from '@s3proxy/cache-store'
import { headerValue } from '@s3proxy/protocol'
import {
  type Answer,
  answer,
  behind,
  connectHttp,
  createGate,
  createTap,
  dieMidBody,
  drip,
  type FakeOrigin,
  hangUp,
  patternContent,
  pauseMidBody,
  startFakeOrigin,
  startObjectOrigin,
} from '@s3proxy/testkit'
import { describe, expect, it, onTestFinished } from 'vitest'
import { gist, host, startProxy, until } from './harness.ts'

async function fakeOrigin(): Promise<FakeOrigin> {
  const started = await startFakeOrigin()
  onTestFinished(() => started.close())
  return started
}

const signedRange = [
  'Authorization',
  'AWS4-HMAC-SHA256 Credential=AKIA/20260101/us-east-1/s3/aws4_request, SignedHeaders=host;range, Signature=00',
]

const object = { headers: ['ETag', '"e"', 'Last-Modified', 'Thu, 01 Jan 2026 00:00:00 GMT'], body: 'x'.repeat(200_000) }

describe('fills that readers share', () => {
  it('fetches once for readers that come while the answer is on its way', async () => {
    const store = await fakeOrigin()
    const gate = createGate()
    store.script(pauseMidBody(object, 1000, gate))
    const proxy = await startProxy({ origin: store })
    const leader = proxy.request('GET', '/b/k')
    await store.received(1)
    const followers = [
      proxy.request('GET', '/b/k'),
      proxy.request('GET', '/b/k', ['Range', 'bytes=100-199']),
      proxy.request('GET', '/b/k', ['Range', 'bytes=150000-']),
    ]
    // The range that is there already is answered while the rest is still held back.
    expect((await followers[1])?.body.length).toBe(100)
    gate.open()
    expect((await leader).body.length).toBe(200_000)
    expect((await followers[0])?.body.length).toBe(200_000)
    expect((await followers[2])?.body.length).toBe(50_000)
    expect(store.requests.length).toBe(1)
  })

  it('makes one fetch of a herd on a cold object, in both modes', async () => {
    for (const mode of ['network', 's3'] as const) {
      const store = await startObjectOrigin()
      onTestFinished(() => store.close())
      store.objects.put('b', 'k', patternContent(1_000_000))
      const proxy = await startProxy({ origin: store, mode })
      const answers = await Promise.all(Array.from({ length: 20 }, () => proxy.request('GET', '/b/k')))
      expect(new Set(answers.map((each) => each.body.length))).toEqual(new Set([1_000_000]))
      expect(store.objects.bodyBytesSent).toBe(1_000_000)
      expect(store.objects.count({ status: 304 })).toBe(mode === 's3' ? 19 : 0)
    }
  })

  it('makes about one fetch of a herd that asks for parts of many sizes and for the whole', async () => {
    for (const mode of ['network', 's3'] as const) {
      const store = await startObjectOrigin()
      onTestFinished(() => store.close())
      const size = 10_000_000
      const content = patternContent(size)
      store.objects.put('b', 'k', content)
      const proxy = await startProxy({ origin: store, mode })
      const jobs: Promise<void>[] = []
      const get = async (start: number, end: number, headers: readonly string[]) => {
        const got = await proxy.request('GET', '/b/k', headers)
        expect(got.body.equals(content.slice(start, end))).toBe(true)
      }
      for (const part of [500_000, 800_000, 1_600_000, size]) {
        for (let client = 0; client < 4; client++) {
          for (let start = 0; start < size; start += part) {
            const end = Math.min(size, start + part)
            const range = part === size ? [] : [...signedRange, 'Range', `bytes=${start}-${end - 1}`]
            jobs.push(get(start, end, range))
          }
        }
      }
      await Promise.all(jobs)
      expect(store.objects.bodyBytesSent).toBeLessThan(size * 2)
    }
  })

  it('goes on for the others when the client that caused it leaves', async () => {
    const store = await fakeOrigin()
    const tap = createTap()
    store.script(drip(object, tap))
    const proxy = await startProxy({ origin: store })
    const leader = await connectHttp({ port: proxy.port })
    await leader.send(`GET /b/k HTTP/1.1\r\nHost: ${host}\r\n\r\n`)
    await store.received(1)
    tap.release(10)
    const follower = proxy.request('GET', '/b/k')
    await leader.receive({ onBody: () => leader.destroy() }).catch(() => undefined)
    tap.open()
    expect((await follower).body.length).toBe(200_000)
    expect(store.requests.length).toBe(1)
  })

  it('ends the fetch when the last reader leaves early', async () => {
    const store = await fakeOrigin()
    const tap = createTap()
    store.script(drip({ ...object, body: 'x'.repeat(8 << 20) }, tap))
    const proxy = await startProxy({ origin: store })
    const client = await connectHttp({ port: proxy.port })
    await client.send(`GET /b/k HTTP/1.1\r\nHost: ${host}\r\n\r\n`)
    const received = store.received(1)
    tap.release(10)
    await received
    client.destroy()
    await proxy.gateway.idle()
    tap.open()
    expect(store.bytesSent).toBeLessThan(8 << 20)
  })

  it('breaks every reader when the store dies in mid-body, and stores no lie', async () => {
    const store = await fakeOrigin()
    store.script(dieMidBody(object, 100_000), answer({ ...object }))
    const proxy = await startProxy({ origin: store })
    const answers = await Promise.all([proxy.request('GET', '/b/k'), proxy.request('GET', '/b/k')])
    for (const broken of answers) {
      expect(headerValue(broken.headers, 'content-length')).toBe('200000')
      expect(broken.end.kind).not.toBe('complete')
    }
    await proxy.gateway.idle()
    const again = await proxy.settled('GET', '/b/k')
    expect([again.end.kind, again.body.length]).toEqual(['complete', 200_000])
    expect(proxy.records[0]).toMatchObject({
      outcome: 'error',
      errorCode: 'UpstreamTruncated',
      reason: 'truncated',
      aborted: true,
    })
  })

  it('lets a follower take over when the leader gets no answer', async () => {
    const store = await fakeOrigin()
    const gate = createGate()
    store.script(behind(gate, hangUp()))
    store.handle(answer(object))
    const proxy = await startProxy({ origin: store })
    const answers = [proxy.request('GET', '/b/k'), proxy.request('GET', '/b/k')]
    await until(() => proxy.gateway.inFlight === 2)
    gate.open()
    const [leader, follower] = (await Promise.all(answers)).sort((a, b) => b.status - a.status)
    expect(leader?.status).toBe(502)
    expect([follower?.status, follower?.body.length]).toEqual([200, 200_000])
  })

  it('streams with the cache switched off, at the pace of its reader', async () => {
    const store = await startObjectOrigin()
    onTestFinished(() => store.close())
    store.objects.put('b', 'k', patternContent(3_000_000))
    const proxy = await startProxy({ origin: store, store: createNoopStore() })
    const first = await proxy.settled('GET', '/b/k')
    const second = await proxy.settled('GET', '/b/k')
    expect([first.body.length, second.body.length]).toEqual([3_000_000, 3_000_000])
    expect(headerValue(second.headers, 'cache-status')).toBe('s3proxy; fwd=miss; detail=store-refused')
  })
})

it('lets no client that stops reading hold up others where the cache keeps nothing', async () => {
  const store = await startObjectOrigin()
  onTestFinished(() => store.close())
  store.objects.put('b', 'k', patternContent(20_000_000))
  const proxy = await startProxy({ origin: store, store: createNoopStore() })
  const stuck = await connectHttp({ port: proxy.port })
  onTestFinished(() => stuck.destroy())
  stuck.socket.pause()
  await stuck.send(`GET /b/k HTTP/1.1\r\nHost: ${host}\r\n\r\n`)
  await store.received(1)
  expect((await proxy.request('GET', '/b/k')).body.length).toBe(20_000_000)
})

describe('versions', () => {
  it('stores neither of two answers in flight that disagree', async () => {
    const store = await fakeOrigin()
    const gate = createGate()
    store.script(
      pauseMidBody({ headers: ['ETag', '"1"', 'Content-Range', 'bytes 0-3/8'], status: 206, body: 'aaaa' }, 1, gate),
      // The second reader's request is pinned to the first one's ETag; what does not fit is asked for anew.
      answer({ status: 412 }),
      answer({ headers: ['ETag', '"2"', 'Content-Range', 'bytes 4-7/8'], status: 206, body: 'bbbb' }),
      answer({ headers: ['ETag', '"2"'], body: 'bbbbbbbb' }),
    )
    const proxy = await startProxy({ origin: store })
    const first = proxy.request('GET', '/b/k', ['Range', 'bytes=0-3'])
    await store.received(1)
    const second = await proxy.request('GET', '/b/k', ['Range', 'bytes=4-7'])
    gate.open()
    expect((await first).body.toString()).toBe('aaaa')
    expect(second.body.toString()).toBe('bbbb')
    await proxy.gateway.idle()
    const whole = await proxy.settled('GET', '/b/k')
    expect(whole.body.toString()).toBe('bbbbbbbb')
  })
})

it('keeps no old headers when metadata changed under the same ETag during a fill', async () => {
  const store = await fakeOrigin()
  const gate = createGate()
  const dated = (day: number, meta: string) => ({
    headers: ['ETag', '"e"', 'Last-Modified', `Thu, 0${day} Jan 2026 00:00:00 GMT`, 'x-amz-meta-v', meta],
    body: 'aaaa',
  })
  store.script(pauseMidBody(dated(1, 'old'), 1, gate), answer(dated(8, 'new')))
  store.handle(answer(dated(8, 'new')))
  const proxy = await startProxy({ origin: store, policy: { headTtlMs: 0 } })
  const slow = proxy.request('GET', '/b/k')
  await store.received(1)
  await proxy.request('HEAD', '/b/k')
  gate.open()
  await slow
  await proxy.gateway.idle()
  expect(headerValue((await proxy.settled('GET', '/b/k')).headers, 'x-amz-meta-v')).toBe('new')
})

describe('answers of the store that contradict themselves', () => {
  it.each<[string, Answer, string]>([
    ['no ETag', { body: 'hello' }, 'no-etag'],
    ['a weak ETag', { headers: ['ETag', 'W/"e"'], body: 'hello' }, 'no-etag'],
    ['no Content-Length', { headers: ['ETag', '"e"'], body: 'hello', framing: 'chunked' }, 'no-length'],
    [
      'a Content-Range that does not fit the length',
      { status: 206, headers: ['ETag', '"e"', 'Content-Range', 'bytes 0-9/100'], body: 'hello' },
      'bad-content-range',
    ],
    [
      'another range than asked for',
      { status: 206, headers: ['ETag', '"e"', 'Content-Range', 'bytes 5-9/100'], body: 'hello' },
      'range-mismatch',
    ],
    ['an error', { status: 503, headers: ['ETag', '"e"'], body: '<Error><Code>SlowDown</Code></Error>' }, 'status'],
  ])('%s: passed on, not stored', async (_name, what, reason) => {
    const store = await fakeOrigin()
    store.handle(answer(what))
    const proxy = await startProxy({ origin: store })
    const range = what.status === 206 ? ['Range', 'bytes=0-4'] : []
    const first = await proxy.settled('GET', '/b/k', range)
    expect([first.status, first.body.toString()]).toEqual([what.status ?? 200, what.body])
    expect(headerValue(first.headers, 'cache-status')).toBe(`s3proxy; fwd=miss; detail=${reason}`)
    await proxy.settled('GET', '/b/k', range)
    expect(store.requests.length).toBe(2)
    expect(proxy.records[0]?.reason).toBe(reason)
  })

  it('stores a whole object that came instead of the range asked for', async () => {
    const store = await fakeOrigin()
    store.handle(answer({ headers: ['ETag', '"e"'], body: 'hello' }))
    const proxy = await startProxy({ origin: store })
    expect(gist(await proxy.settled('GET', '/b/k', ['Range', 'bytes=1-2']))).toEqual([200, 'MISS', 'hello'])
    expect(gist(await proxy.settled('GET', '/b/k', ['Range', 'bytes=1-2']))).toEqual([206, 'HIT', 'el'])
  })
})
