import { createEveryRequestAuthoriser } from '@s3proxy/auth'
import { headerValue } from '@s3proxy/protocol'
import {
  answer,
  behind,
  createGate,
  type FakeOrigin,
  hangUp,
  patternContent,
  startFakeOrigin,
  startObjectOrigin,
} from '@s3proxy/testkit'
import { describe, expect, it, onTestFinished } from 'vitest'
import { gist, startProxy } from './harness.ts'

async function fakeOrigin(): Promise<FakeOrigin> {
  const started = await startFakeOrigin()
  onTestFinished(() => started.close())
  return started
}

const hello = answer({ headers: ['ETag', '"1"'], body: 'hello' })
const status = (got: { readonly headers: readonly string[] }) => headerValue(got.headers, 'cache-status')

describe('stale-if-error', () => {
  it.each([
    ['answers 503', answer({ status: 503, body: 'busy' })],
    ['breaks the connection', hangUp()],
  ])('serves what is held when the store %s, within its time', async (_name, failure) => {
    const store = await fakeOrigin()
    store.script(hello)
    store.handle(failure)
    const proxy = await startProxy({ origin: store, policy: { getTtlMs: 1000, staleIfErrorMs: 5000 } })
    await proxy.settled('GET', '/b/k')
    proxy.clock.advance(2000)
    const stale = await proxy.settled('GET', '/b/k')
    expect(gist(stale)).toEqual([200, 'HIT', 'hello'])
    expect(status(stale)).toBe('s3proxy; hit; detail=stale-if-error')
    proxy.clock.advance(5000)
    expect((await proxy.settled('GET', '/b/k')).status).toBeGreaterThanOrEqual(500)
  })

  it('never helps in s3 mode: nobody has allowed this request', async () => {
    const store = await fakeOrigin()
    store.script(hello)
    store.handle(answer({ status: 503 }))
    const proxy = await startProxy({ origin: store, mode: 's3', policy: { staleIfErrorMs: 1e9 } })
    await proxy.settled('GET', '/b/k')
    expect((await proxy.settled('GET', '/b/k')).status).toBe(503)
  })

  it('passes on a refusal, which is an answer', async () => {
    const store = await fakeOrigin()
    store.script(hello)
    store.handle(answer({ status: 403 }))
    const proxy = await startProxy({ origin: store, policy: { getTtlMs: 0, staleIfErrorMs: 1e9 } })
    await proxy.settled('GET', '/b/k')
    expect((await proxy.settled('GET', '/b/k')).status).toBe(403)
  })
})

describe('stale-while-revalidate', () => {
  it('serves at once, asks once in the background, and has the new bytes for the next reader', async () => {
    const store = await fakeOrigin()
    const gate = createGate()
    store.script(hello, behind(gate, answer({ headers: ['ETag', '"2"'], body: 'world' })))
    const proxy = await startProxy({ origin: store, policy: { getTtlMs: 1000, staleWhileRevalidateMs: 5000 } })
    await proxy.settled('GET', '/b/k')
    proxy.clock.advance(2000)
    const both = await Promise.all([proxy.request('GET', '/b/k'), proxy.request('GET', '/b/k')])
    for (const stale of both) {
      expect(gist(stale)).toEqual([200, 'HIT', 'hello'])
      expect(status(stale)).toBe('s3proxy; hit; detail=stale-while-revalidate')
    }
    await store.received(2)
    gate.open()
    await proxy.gateway.idle()
    expect(gist(await proxy.settled('GET', '/b/k'))).toEqual([200, 'HIT', 'world'])
    expect(store.requests.length).toBe(2)
    expect(headerValue(store.requests[1]?.headers ?? [], 'if-none-match')).toBe('"1"')
  })
})

describe('negative caching', () => {
  it('remembers a 404 for its time, for GET and HEAD, until a write', async () => {
    const store = await startObjectOrigin()
    onTestFinished(() => store.close())
    const proxy = await startProxy({ origin: store, policy: { negativeTtlMs: 1000 } })
    await proxy.settled('GET', '/b/k')
    const again = await proxy.settled('GET', '/b/k')
    expect([again.status, status(again)]).toEqual([404, 's3proxy; hit; detail=negative'])
    expect(again.body.toString()).toContain('<Code>NoSuchKey</Code>')
    expect((await proxy.settled('HEAD', '/b/k')).status).toBe(404)
    expect(store.objects.count()).toBe(1)
    await proxy.settled('PUT', '/b/k', ['Content-Length', '3'], Buffer.from('now'))
    expect(gist(await proxy.settled('GET', '/b/k'))).toEqual([200, 'MISS', 'now'])
  })

  it('asks again after its time, and never answers in s3 mode', async () => {
    const store = await startObjectOrigin()
    onTestFinished(() => store.close())
    for (const mode of ['network', 's3'] as const) {
      const proxy = await startProxy({ origin: store, mode, policy: { negativeTtlMs: 1000 } })
      store.objects.resetLog()
      await proxy.settled('GET', '/b/k')
      if (mode === 'network') proxy.clock.advance(1000)
      await proxy.settled('GET', '/b/k')
      expect(store.objects.count()).toBe(2)
    }
  })
})

describe("the object's own Cache-Control", () => {
  it.each([
    ['no-store', 'MISS'],
    ['private, max-age=60', 'MISS'],
    ['no-cache', 'REVALIDATED'],
    ['max-age=1', 'REVALIDATED'],
    ['max-age=1, s-maxage=60', 'HIT'],
    ['public', 'HIT'],
  ])('%s, honoured: %s', async (cacheControl, expected) => {
    const store = await startObjectOrigin()
    onTestFinished(() => store.close())
    store.objects.put('b', 'k', 'hello', { headers: ['Cache-Control', cacheControl] })
    const proxy = await startProxy({ origin: store, policy: { honourCacheControl: true } })
    await proxy.settled('GET', '/b/k')
    proxy.clock.advance(2000)
    expect(gist(await proxy.settled('GET', '/b/k'))).toEqual([200, expected, 'hello'])
  })

  it.each(['no-cache', 'max-age=1, must-revalidate', 's-maxage=1'])(
    '%s allows no stale answer',
    async (cacheControl) => {
      const store = await fakeOrigin()
      store.script(answer({ headers: ['ETag', '"1"', 'Cache-Control', cacheControl], body: 'hello' }))
      store.handle(answer({ status: 503 }))
      const policy = { honourCacheControl: true, staleIfErrorMs: 1e9, staleWhileRevalidateMs: 1e9 }
      const proxy = await startProxy({ origin: store, policy })
      await proxy.settled('GET', '/b/k')
      proxy.clock.advance(2000)
      expect((await proxy.settled('GET', '/b/k')).status).toBe(503)
    },
  )

  it('is for end clients unless the rule says otherwise', async () => {
    const store = await startObjectOrigin()
    onTestFinished(() => store.close())
    store.objects.put('b', 'k', 'hello', { headers: ['Cache-Control', 'no-store'] })
    const proxy = await startProxy({ origin: store })
    await proxy.settled('GET', '/b/k')
    expect(gist(await proxy.settled('GET', '/b/k'))[1]).toBe('HIT')
  })
})

describe('rules', () => {
  it('keep what a rule excludes out of the cache', async () => {
    const store = await startObjectOrigin()
    onTestFinished(() => store.close())
    store.objects.put('b', 'k', 'hello')
    const proxy = await startProxy({ origin: store, policy: { cache: false } })
    for (let i = 0; i < 2; i++) expect(gist(await proxy.settled('GET', '/b/k'))).toEqual([200, 'BYPASS', 'hello'])
    expect(proxy.records[0]?.reason).toBe('rule')
  })

  it('keep a version for ever, whatever the TTL of the current object', async () => {
    const store = await startObjectOrigin()
    onTestFinished(() => store.close())
    store.objects.put('b', 'k', 'hello')
    const proxy = await startProxy({ origin: store, policy: { getTtlMs: 0 } })
    for (const expected of ['MISS', 'HIT']) {
      expect(gist(await proxy.settled('GET', '/b/k?versionId=v1'))).toEqual([200, expected, 'hello'])
    }
    expect(gist(await proxy.settled('GET', '/b/k'))[1]).toBe('MISS')
  })
})

it('asks S3 once about an identical presigned URL while the memo lasts', async () => {
  const store = await startObjectOrigin()
  onTestFinished(() => store.close())
  store.objects.put('b', 'k', 'hello')
  const authoriser = createEveryRequestAuthoriser({ presignedMemoMs: 1000 })
  const proxy = await startProxy({ origin: store, policy: { authoriser } })
  const expires = Math.floor(proxy.clock.now() / 1000) + 3600
  const url = `/b/k?AWSAccessKeyId=A&Signature=s&Expires=${expires}`
  const caches = []
  for (let i = 0; i < 3; i++) caches.push(gist(await proxy.settled('GET', url))[1])
  proxy.clock.advance(1000)
  caches.push(gist(await proxy.settled('GET', url))[1])
  caches.push(gist(await proxy.settled('GET', `${url}0`))[1])
  expect(caches).toEqual(['MISS', 'HIT', 'HIT', 'REVALIDATED', 'REVALIDATED'])
})

it('counts the time of a memo from the moment S3 was asked, however long it took to answer', async () => {
  const store = await fakeOrigin()
  const authoriser = createEveryRequestAuthoriser({ presignedMemoMs: 1000 })
  const proxy = await startProxy({ origin: store, policy: { authoriser } })
  const first = answer({ headers: ['ETag', '"e"'], body: 'hello' })
  // What S3 said may have been true only before all that time.
  store.handle(async (exchange) => {
    proxy.clock.advance(1000)
    await first(exchange)
  })
  const expires = Math.floor(proxy.clock.now() / 1000) + 3600
  const url = `/b/k?AWSAccessKeyId=A&Signature=s&Expires=${expires}`
  for (let i = 0; i < 2; i++) await proxy.settled('GET', url)
  expect(store.requests.length).toBe(2)
})

describe('pages', () => {
  const content = patternContent(1_000_000)
  const bytes = Buffer.from(content.slice(0, content.size))
  const signed = [
    'Authorization',
    'AWS4-HMAC-SHA256 Credential=AKIA/20260101/us-east-1/s3/aws4_request, SignedHeaders=host;range, Signature=00',
  ]

  it.each(['network', 's3'] as const)('are fetched whole for a small unsigned range, in %s mode', async (mode) => {
    const store = await startObjectOrigin()
    onTestFinished(() => store.close())
    store.objects.put('b', 'k', content)
    const proxy = await startProxy({ origin: store, mode, policy: { pageBytes: 65_536 } })
    const read = async (start: number, end: number, headers: readonly string[] = []) => {
      const got = await proxy.settled('GET', '/b/k', [...headers, 'Range', `bytes=${start}-${end - 1}`])
      expect([got.status, got.body.equals(bytes.subarray(start, end))]).toEqual([206, true])
      expect(headerValue(got.headers, 'content-range')).toBe(`bytes ${start}-${end - 1}/1000000`)
      return headerValue(got.headers, 'x-cache')
    }
    await read(70_000, 70_010)
    expect(store.objects.bodyBytesSent).toBe(65_536)
    expect(await read(65_536, 131_072)).toBe(mode === 's3' ? 'REVALIDATED' : 'HIT')
    // A part of the last page, and a range over the border of what is held.
    await read(999_999, 1_000_000)
    await read(131_000, 131_100)
    expect(store.objects.bodyBytesSent).toBe(65_536 + (1_000_000 - 983_040) + 65_536)
    // What the client signed goes up as it is.
    await read(500_000, 500_001, signed)
    expect(store.objects.bodyBytesSent).toBe(65_536 + (1_000_000 - 983_040) + 65_536 + 1)
  })

  it('leave what cannot be satisfied, and what is missing, to the store', async () => {
    const store = await startObjectOrigin()
    onTestFinished(() => store.close())
    store.objects.put('b', 'k', 'short')
    const proxy = await startProxy({ origin: store, policy: { pageBytes: 65_536 } })
    expect((await proxy.settled('GET', '/b/k', ['Range', 'bytes=9-9'])).status).toBe(416)
    expect((await proxy.settled('GET', '/b/none', ['Range', 'bytes=0-9'])).status).toBe(404)
    expect(gist(await proxy.settled('GET', '/b/k', ['Range', 'bytes=1-2']))[2]).toBe('ho')
  })
})
