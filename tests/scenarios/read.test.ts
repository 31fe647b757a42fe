import { headerValue } from '@s3proxy/protocol'
import { type ObjectOrigin, patternContent, startObjectOrigin } from '@s3proxy/testkit'
import { describe, expect, it, onTestFinished } from 'vitest'
import { gist, startProxy } from './harness.ts'

async function origin(): Promise<ObjectOrigin> {
  const started = await startObjectOrigin()
  onTestFinished(() => started.close())
  return started
}

const meta = [
  'Content-Type',
  'text/plain',
  'x-amz-meta-Cafe',
  'caf\xe9',
  'x-amz-meta-b',
  '2',
  'Cache-Control',
  'max-age=1',
]

describe('network mode', () => {
  it('answers a repeated GET from the cache with the headers as the store sent them', async () => {
    const store = await origin()
    store.objects.put('b', 'k', 'hello', { headers: meta })
    const proxy = await startProxy({ origin: store })
    const first = await proxy.settled('GET', '/b/k')
    const second = await proxy.settled('GET', '/b/k')
    expect(gist(first)).toEqual([200, 'MISS', 'hello'])
    expect(gist(second)).toEqual([200, 'HIT', 'hello'])
    expect(store.objects.count()).toBe(1)
    const perAnswer = new Set([
      'date',
      'x-amz-request-id',
      'cache-status',
      'x-cache',
      'age',
      'connection',
      'keep-alive',
    ])
    const stable = (headers: readonly string[]) => {
      const pairs: string[] = []
      for (let i = 0; i < headers.length; i += 2) {
        if (!perAnswer.has((headers[i] as string).toLowerCase())) pairs.push(`${headers[i]}: ${headers[i + 1]}`)
      }
      return pairs.sort()
    }
    expect(stable(second.headers)).toEqual(stable(first.headers))
    expect(headerValue(second.headers, 'x-amz-request-id')).toMatch(/^[0-9A-F]{16}$/)
  })

  it.each([
    ['bytes=0-0', 206, 'h', 'bytes 0-0/5'],
    ['bytes=1-3', 206, 'ell', 'bytes 1-3/5'],
    ['bytes=3-', 206, 'lo', 'bytes 3-4/5'],
    ['bytes=-2', 206, 'lo', 'bytes 3-4/5'],
    ['bytes=-99', 206, 'hello', 'bytes 0-4/5'],
    ['bytes=2-99', 206, 'llo', 'bytes 2-4/5'],
  ])('slices %s out of a whole object', async (range, status, body, contentRange) => {
    const store = await origin()
    store.objects.put('b', 'k', 'hello')
    const proxy = await startProxy({ origin: store })
    await proxy.settled('GET', '/b/k')
    const answer = await proxy.settled('GET', '/b/k', ['Range', range])
    expect(gist(answer)).toEqual([status, 'HIT', body])
    expect(headerValue(answer.headers, 'content-range')).toBe(contentRange)
    expect(headerValue(answer.headers, 'content-length')).toBe(String(body.length))
  })

  it.each(['bytes=2-', 'bytes=-3', 'bytes=1-2'])('stores a cold %s where its bytes belong', async (range) => {
    const store = await origin()
    store.objects.put('b', 'k', 'hello')
    const proxy = await startProxy({ origin: store })
    const first = await proxy.settled('GET', '/b/k', ['Range', range])
    const again = await proxy.settled('GET', '/b/k', ['Range', range])
    const whole = await proxy.settled('GET', '/b/k')
    expect(gist(again)).toEqual([206, 'HIT', first.body.toString()])
    expect(gist(whole)).toEqual([200, 'MISS', 'hello'])
    expect(gist(await proxy.settled('GET', '/b/k'))).toEqual([200, 'HIT', 'hello'])
  })

  it('puts an answer together from neighbouring ranges', async () => {
    const store = await origin()
    store.objects.put('b', 'k', '0123456789')
    const proxy = await startProxy({ origin: store })
    await proxy.settled('GET', '/b/k', ['Range', 'bytes=0-4'])
    await proxy.settled('GET', '/b/k', ['Range', 'bytes=5-9'])
    expect(gist(await proxy.settled('GET', '/b/k'))).toEqual([200, 'HIT', '0123456789'])
    expect(gist(await proxy.settled('GET', '/b/k', ['Range', 'bytes=3-6']))).toEqual([206, 'HIT', '3456'])
    expect(store.objects.count()).toBe(2)
  })

  it('caches an object of zero bytes, and lets the store refuse a range of it', async () => {
    const store = await origin()
    store.objects.put('b', 'empty', '')
    const proxy = await startProxy({ origin: store })
    expect(gist(await proxy.settled('GET', '/b/empty'))).toEqual([200, 'MISS', ''])
    expect(gist(await proxy.settled('GET', '/b/empty'))).toEqual([200, 'HIT', ''])
    expect((await proxy.settled('GET', '/b/empty', ['Range', 'bytes=0-0'])).status).toBe(416)
  })

  it('asks again after the TTL and refreshes on 304', async () => {
    const store = await origin()
    store.objects.put('b', 'k', 'hello')
    const proxy = await startProxy({ origin: store, policy: { getTtlMs: 1000 } })
    await proxy.settled('GET', '/b/k')
    proxy.clock.advance(1000)
    expect(gist(await proxy.settled('GET', '/b/k'))).toEqual([200, 'REVALIDATED', 'hello'])
    expect(gist(await proxy.settled('GET', '/b/k'))).toEqual([200, 'HIT', 'hello'])
    expect(store.objects.log.map((entry) => entry.status)).toEqual([200, 304])
  })

  it('answers HEAD from a GET, and a HEAD alone never as a body', async () => {
    const store = await origin()
    store.objects.put('b', 'k', 'hello', { headers: meta })
    const proxy = await startProxy({ origin: store })
    await proxy.settled('HEAD', '/b/k')
    expect(gist(await proxy.settled('HEAD', '/b/k'))).toEqual([200, 'HIT', ''])
    const got = await proxy.settled('GET', '/b/k')
    expect(gist(got)).toEqual([200, 'MISS', 'hello'])
    const head = await proxy.settled('HEAD', '/b/k')
    expect(gist(head)).toEqual([200, 'HIT', ''])
    expect(headerValue(head.headers, 'content-length')).toBe('5')
    expect(store.objects.count()).toBe(2)
  })

  it.each([
    ['If-None-Match', (etag: string) => etag, 304],
    ['If-None-Match', () => '*', 304],
    ['If-None-Match', (etag: string) => `"x", W/${etag}`, 304],
    ['If-Match', (etag: string) => etag, 200],
  ])('judges %s on a fresh hit itself', async (name, value, status) => {
    const store = await origin()
    const { etag } = store.objects.put('b', 'k', 'hello')
    const proxy = await startProxy({ origin: store })
    await proxy.settled('GET', '/b/k')
    const answer = await proxy.settled('GET', '/b/k', [name, value(etag)])
    expect([answer.status, headerValue(answer.headers, 'x-cache')]).toEqual([status, 'HIT'])
    expect(store.objects.count()).toBe(1)
  })

  it('leaves a failed precondition to the store', async () => {
    const store = await origin()
    store.objects.put('b', 'k', 'hello')
    const proxy = await startProxy({ origin: store })
    await proxy.settled('GET', '/b/k')
    const answer = await proxy.settled('GET', '/b/k', ['If-Match', '"other"'])
    expect(answer.status).toBe(412)
    expect(gist(await proxy.settled('GET', '/b/k'))).toEqual([200, 'HIT', 'hello'])
  })

  it('never keeps the answer to response-* overrides, and lays them over a hit', async () => {
    const store = await origin()
    store.objects.put('b', 'k', 'hello', { headers: ['Content-Type', 'text/plain'] })
    const proxy = await startProxy({ origin: store })
    const signed = ['Authorization', 'AWS AKIA:x']
    await proxy.settled('GET', '/b/k?response-content-type=image/png', signed)
    await proxy.settled('GET', '/b/k', signed)
    const hit = await proxy.settled('GET', '/b/k?response-content-type=image/png', signed)
    expect(gist(hit)).toEqual([200, 'HIT', 'hello'])
    expect(headerValue(hit.headers, 'content-type')).toBe('image/png')
    expect(headerValue((await proxy.settled('GET', '/b/k', signed)).headers, 'content-type')).toBe('text/plain')
  })

  it('shares one entry between all spellings of a key, and none between keys', async () => {
    const store = await origin()
    store.objects.put('b', 'a/b c+d', 'one')
    store.objects.put('b', 'a%2Fb', 'two')
    const proxy = await startProxy({ origin: store })
    await proxy.settled('GET', '/b/a/b%20c+d')
    expect(gist(await proxy.settled('GET', '/b/%61%2Fb%20c%2Bd'))).toEqual([200, 'HIT', 'one'])
    expect(gist(await proxy.settled('GET', '/b/a%252Fb'))).toEqual([200, 'MISS', 'two'])
  })
})

it('asks for the checksum of a whole that an If-Range made of a part', async () => {
  const store = await origin()
  store.objects.put('b', 'k', 'hello')
  const proxy = await startProxy({ origin: store })
  await proxy.settled('GET', '/b/k')
  const answer = await proxy.settled('GET', '/b/k', [
    'Range',
    'bytes=0-1',
    'If-Range',
    '"other"',
    'x-amz-checksum-mode',
    'ENABLED',
  ])
  expect(gist(answer)).toEqual([200, 'MISS', 'hello'])
})

describe('s3 mode', () => {
  it('serves no byte that the store has not just allowed', async () => {
    let denied = false
    const store = await startObjectOrigin({ authorise: () => (denied ? 'denied' : 'allowed') })
    onTestFinished(() => store.close())
    store.objects.put('b', 'k', 'hello')
    const proxy = await startProxy({ origin: store, mode: 's3' })
    await proxy.settled('GET', '/b/k')
    expect(gist(await proxy.settled('GET', '/b/k'))).toEqual([200, 'REVALIDATED', 'hello'])
    expect(gist(await proxy.settled('GET', '/b/k', ['Range', 'bytes=1-2']))).toEqual([206, 'REVALIDATED', 'el'])
    expect(store.objects.log.map((entry) => entry.status)).toEqual([200, 304, 304])
    denied = true
    expect((await proxy.settled('GET', '/b/k')).status).toBe(403)
    denied = false
    expect(gist(await proxy.settled('GET', '/b/k'))).toEqual([200, 'REVALIDATED', 'hello'])
  })

  it('uses the answer to its question as the new representation, in one request', async () => {
    const store = await origin()
    store.objects.put('b', 'k', 'old')
    const proxy = await startProxy({ origin: store, mode: 's3' })
    await proxy.settled('GET', '/b/k')
    store.objects.put('b', 'k', 'new!')
    expect(gist(await proxy.settled('GET', '/b/k'))).toEqual([200, 'MISS', 'new!'])
    expect(gist(await proxy.settled('GET', '/b/k'))).toEqual([200, 'REVALIDATED', 'new!'])
    expect(store.objects.log.map((entry) => entry.status)).toEqual([200, 200, 304])
  })

  it('notices metadata that changed under the same ETag', async () => {
    const store = await origin()
    store.objects.put('b', 'k', 'same', { headers: ['x-amz-meta-v', '1'], lastModified: 1_000_000 })
    const proxy = await startProxy({ origin: store, mode: 's3' })
    await proxy.settled('GET', '/b/k')
    store.objects.put('b', 'k', 'same', { headers: ['x-amz-meta-v', '2'], lastModified: 2_000_000 })
    expect(headerValue((await proxy.settled('GET', '/b/k')).headers, 'x-amz-meta-v')).toBe('2')
  })

  it('forgets an object the store no longer has', async () => {
    const store = await origin()
    store.objects.put('b', 'k', 'hello')
    const proxy = await startProxy({ origin: store, mode: 's3' })
    await proxy.settled('GET', '/b/k')
    store.objects.remove('b', 'k')
    expect((await proxy.settled('GET', '/b/k')).status).toBe(404)
    expect((await proxy.store.lookup('anything')).kind).toBe('absent')
    store.objects.put('b', 'k', 'hello')
    expect(gist(await proxy.settled('GET', '/b/k'))).toEqual([200, 'MISS', 'hello'])
  })
})

describe('bytes', () => {
  it('carries a large object through and out of the cache unchanged', async () => {
    const store = await origin()
    const content = patternContent(3_000_001)
    store.objects.put('b', 'big', content)
    const proxy = await startProxy({ origin: store })
    const first = await proxy.settled('GET', '/b/big')
    const second = await proxy.settled('GET', '/b/big')
    const whole = Buffer.from(content.slice(0, content.size))
    expect(first.body.equals(whole)).toBe(true)
    expect(second.body.equals(whole)).toBe(true)
    expect(headerValue(second.headers, 'x-cache')).toBe('HIT')
  })
})
