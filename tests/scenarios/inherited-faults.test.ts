import { headerValue } from '@s3proxy/protocol'
import { answer, hangUp, type ObjectOrigin, startFakeOrigin, startObjectOrigin } from '@s3proxy/testkit'
import { expect, it, onTestFinished } from 'vitest'
import { gist, startProxy } from './harness.ts'

// Faults that other S3 caches have shipped and that no other scenario is about; README.md lists them all.

const signedRange = [
  'Authorization',
  'AWS4-HMAC-SHA256 Credential=AKIA/20260101/us-east-1/s3/aws4_request, SignedHeaders=host;range, Signature=00',
]

async function origin(authorise?: () => 'allowed' | 'denied'): Promise<ObjectOrigin> {
  const started = await startObjectOrigin(authorise === undefined ? {} : { authorise })
  onTestFinished(() => started.close())
  return started
}

it.each(['uploadId=u', 'tagging', 'acl=', 'attributes', 'retention', 'legal-hold', 'torrent'])(
  'GET ?%s is neither answered with the object nor stored as it',
  async (query) => {
    const store = await startFakeOrigin()
    onTestFinished(() => store.close())
    store.handle(async (exchange) => {
      const body = exchange.request.target.includes('?') ? '<Other/>' : 'object'
      await answer({ headers: ['ETag', `"${body.length}"`], body })(exchange)
    })
    const proxy = await startProxy({ origin: store })
    for (const expected of ['<Other/>', 'object', '<Other/>', 'object']) {
      const target = expected === 'object' ? '/b/k' : `/b/k?${query}`
      expect((await proxy.settled('GET', target)).body.toString()).toBe(expected)
    }
    expect(store.requests.length).toBe(3)
  },
)

it('an If-Match that names what is held lets nobody past S3', async () => {
  let verdict: 'allowed' | 'denied' = 'allowed'
  const store = await origin(() => verdict)
  const { etag } = store.objects.put('b', 'k', 'hello')
  const proxy = await startProxy({ origin: store, mode: 's3' })
  await proxy.settled('GET', '/b/k')
  verdict = 'denied'
  expect((await proxy.settled('GET', '/b/k', ['If-Match', etag])).status).toBe(403)
  verdict = 'allowed'
  expect(gist(await proxy.settled('GET', '/b/k', ['If-Match', etag]))).toEqual([200, 'REVALIDATED', 'hello'])
})

it.each([
  ['breaks off', hangUp()],
  ['says SlowDown', answer({ status: 503, body: '<Error><Code>SlowDown</Code></Error>' })],
  ['refuses', answer({ status: 403, body: '<Error><Code>AccessDenied</Code></Error>' })],
])('a store that %s when asked about what is held costs nothing that is held', async (_name, failure) => {
  const store = await startFakeOrigin()
  onTestFinished(() => store.close())
  const state = { fails: false }
  const object = ['ETag', '"e"', 'Last-Modified', 'Thu, 01 Jan 2026 00:00:00 GMT']
  store.handle(async (exchange) => {
    if (state.fails) return failure(exchange)
    const asked = headerValue(exchange.request.headers, 'if-none-match') !== undefined
    await answer(asked ? { status: 304, headers: object } : { headers: object, body: 'hello' })(exchange)
  })
  const proxy = await startProxy({ origin: store, policy: { getTtlMs: 1000 } })
  await proxy.settled('GET', '/b/k')
  proxy.clock.advance(1000)
  state.fails = true
  expect((await proxy.settled('GET', '/b/k')).status).toBeGreaterThanOrEqual(400)
  state.fails = false
  expect(gist(await proxy.settled('GET', '/b/k'))).toEqual([200, 'REVALIDATED', 'hello'])
})

it.each(['bytes=-3', 'bytes=2-', 'bytes=2-999'])(
  'a signed Range of %s is asked about as it was signed',
  async (range) => {
    const store = await origin()
    store.objects.put('b', 'k', 'hello')
    const proxy = await startProxy({ origin: store, mode: 's3' })
    await proxy.settled('GET', '/b/k')
    const again = await proxy.settled('GET', '/b/k', ['Range', range, ...signedRange])
    expect(gist(again)).toEqual([206, 'REVALIDATED', 'llo'])
    const sent = store.requests.at(-1)?.headers ?? []
    expect([headerValue(sent, 'range'), headerValue(sent, 'if-none-match') !== undefined]).toEqual([range, true])
  },
)

it.each(['bytes=0--1', 'bytes=5-3', 'bytes=', 'bytes=a-b', 'lines=0-1', 'bytes=0-1,3-4'])(
  'Range: %s is for S3 to understand, whatever is held, and changes nothing that is held',
  async (range) => {
    const store = await origin()
    store.objects.put('b', 'k', 'hello')
    const proxy = await startProxy({ origin: store })
    await proxy.settled('GET', '/b/k')
    expect(gist(await proxy.settled('GET', '/b/k', ['Range', range]))).toEqual([200, 'BYPASS', 'hello'])
    expect(headerValue(store.requests.at(-1)?.headers ?? [], 'range')).toBe(range)
    expect(gist(await proxy.settled('GET', '/b/k'))).toEqual([200, 'HIT', 'hello'])
  },
)

it('a 412 that only our own condition can have caused is not for the client', async () => {
  const store = await origin()
  store.objects.put('b', 'k', '0123456789')
  const proxy = await startProxy({ origin: store })
  await proxy.settled('GET', '/b/k', ['Range', 'bytes=0-4'])
  store.objects.put('b', 'k', 'abcdefghij')
  expect(gist(await proxy.settled('GET', '/b/k'))).toEqual([200, 'MISS', 'abcdefghij'])
  expect(store.objects.log.map(({ status }) => status)).toEqual([206, 412, 200])
})

it('300 overlapping ranges of one object take no more room than the object', async () => {
  const store = await origin()
  store.objects.put('b', 'k', 'x'.repeat(100_000))
  const proxy = await startProxy({ origin: store })
  for (let n = 0; n < 300; n++) {
    const first = (n * 7919) % 90_000
    await proxy.settled('GET', '/b/k', ['Range', `bytes=${first}-${first + 9_999}`])
  }
  // Each byte once, and the objects around the extents.
  expect(store.objects.bodyBytesSent).toBeLessThanOrEqual(100_000)
  expect(proxy.store.usage().memoryBytes).toBeLessThan(200_000)
})
