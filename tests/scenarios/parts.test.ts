import { headerValue } from '@s3proxy/protocol'
import { type HttpAnswer, type ObjectOrigin, requestOnce, startFakeOrigin, startObjectOrigin } from '@s3proxy/testkit'
import { describe, expect, it, onTestFinished } from 'vitest'
import { gist, host, startProxy, until } from './harness.ts'

// Reads by part number (S3 API, GetObject): where a part lies is learnt from S3 and never guessed, and what an answer
// says of a part is never said of the object.

const content = '0123456789'
const partSizes = [4, 4, 2]

async function origin(): Promise<ObjectOrigin> {
  const started = await startObjectOrigin()
  onTestFinished(() => started.close())
  return started
}

function partOf(answer: HttpAnswer): readonly (string | undefined)[] {
  return ['content-range', 'content-length', 'x-amz-mp-parts-count'].map((name) => headerValue(answer.headers, name))
}

describe('a part', () => {
  it('is served from the cache once S3 has said where it lies', async () => {
    const store = await origin()
    store.objects.put('b', 'k', content, { partSizes, headers: ['Content-Type', 'text/plain'] })
    const proxy = await startProxy({ origin: store })
    const first = await proxy.settled('GET', '/b/k?partNumber=2')
    const again = await proxy.settled('GET', '/b/k?partNumber=2')
    expect(gist(first)).toEqual([206, 'MISS', '4567'])
    expect(gist(again)).toEqual([206, 'HIT', '4567'])
    expect(partOf(again)).toEqual(['bytes 4-7/10', '4', '3'])
    expect(partOf(first)).toEqual(partOf(again))
    expect(headerValue(again.headers, 'content-type')).toBe('text/plain')
    expect(gist(await proxy.settled('GET', '/b/k', ['Range', 'bytes=4-7']))).toEqual([206, 'HIT', '4567'])
    expect(store.objects.count()).toBe(1)
  })

  it('is asked of S3 as long as its bounds are not known, whatever is held', async () => {
    const store = await origin()
    store.objects.put('b', 'k', content, { partSizes })
    const proxy = await startProxy({ origin: store })
    await proxy.settled('GET', '/b/k')
    await proxy.settled('GET', '/b/k?partNumber=1')
    expect(gist(await proxy.settled('GET', '/b/k?partNumber=2'))).toEqual([206, 'MISS', '4567'])
    expect(gist(await proxy.settled('GET', '/b/k?partNumber=3'))).toEqual([206, 'MISS', '89'])
    expect(gist(await proxy.settled('GET', '/b/k?partNumber=3'))).toEqual([206, 'HIT', '89'])
    expect(store.objects.count()).toBe(4)
  })

  it('never shortens the object: neither a GET nor a HEAD of it changes what is known of the whole', async () => {
    const store = await origin()
    store.objects.put('b', 'k', content, { partSizes })
    const proxy = await startProxy({ origin: store })
    await proxy.settled('HEAD', '/b/k?partNumber=1')
    await proxy.settled('GET', '/b/k?partNumber=1')
    const head = await proxy.settled('HEAD', '/b/k')
    expect([head.status, headerValue(head.headers, 'content-length')]).toEqual([200, '10'])
    expect(headerValue(head.headers, 'x-amz-mp-parts-count')).toBeUndefined()
    expect(gist(await proxy.settled('GET', '/b/k'))).toEqual([200, 'MISS', content])
    const whole = await proxy.settled('GET', '/b/k')
    expect(gist(whole)).toEqual([200, 'HIT', content])
    expect(partOf(whole)).toEqual([undefined, '10', undefined])
    await proxy.settled('HEAD', '/b/k?partNumber=2')
    expect(gist(await proxy.settled('GET', '/b/k'))).toEqual([200, 'HIT', content])
  })

  it('of an object replaced meanwhile is the new one, bounds and all', async () => {
    const store = await origin()
    store.objects.put('b', 'k', content, { partSizes })
    const proxy = await startProxy({ origin: store, policy: { getTtlMs: 1000 } })
    await proxy.settled('GET', '/b/k?partNumber=1')
    store.objects.put('b', 'k', 'abcdef', { partSizes: [5, 1] })
    proxy.clock.advance(1000)
    const after = await proxy.settled('GET', '/b/k?partNumber=1')
    expect(gist(after)).toEqual([206, 'MISS', 'abcde'])
    expect(partOf(after)).toEqual(['bytes 0-4/6', '5', '2'])
    expect(gist(await proxy.settled('GET', '/b/k?partNumber=1'))).toEqual([206, 'HIT', 'abcde'])
  })

  it('is not found again by bounds that a write has outdated', async () => {
    const store = await origin()
    const before = store.objects.put('b', 'k', content, { partSizes })
    const proxy = await startProxy({ origin: store })
    await proxy.settled('GET', '/b/k?partNumber=2')
    await proxy.settled('PUT', '/b/k', ['Content-Length', '1'], Buffer.from('x'))
    // The same entity tag and length, divided in another way: only the date tells.
    store.objects.put('b', 'k', 'abcdefghij', {
      etag: before.etag,
      partSizes: [2, 8],
      lastModified: before.lastModified + 5000,
    })
    expect(gist(await proxy.settled('GET', '/b/k'))).toEqual([200, 'MISS', 'abcdefghij'])
    expect(gist(await proxy.settled('GET', '/b/k?partNumber=2'))).toEqual([206, 'MISS', 'cdefghij'])
  })

  it('beyond the last is refused by S3 each time, and changes nothing', async () => {
    const store = await origin()
    store.objects.put('b', 'k', content, { partSizes })
    const proxy = await startProxy({ origin: store })
    await proxy.settled('GET', '/b/k')
    expect((await proxy.settled('GET', '/b/k?partNumber=4')).status).toBe(416)
    expect((await proxy.settled('GET', '/b/k?partNumber=4')).status).toBe(416)
    expect(gist(await proxy.settled('GET', '/b/k'))).toEqual([200, 'HIT', content])
    expect(store.objects.count({ status: 416 })).toBe(2)
  })

  it('with a Range is for S3 to answer', async () => {
    const store = await origin()
    store.objects.put('b', 'k', content, { partSizes })
    const proxy = await startProxy({ origin: store })
    for (let n = 0; n < 2; n++) {
      const answer = await proxy.settled('GET', '/b/k?partNumber=1', ['Range', 'bytes=0-1'])
      expect(headerValue(answer.headers, 'x-cache')).toBe('BYPASS')
    }
  })

  it('is asked for once by readers that come together', async () => {
    const store = await origin()
    store.objects.put('b', 'k', content, { partSizes })
    const proxy = await startProxy({ origin: store })
    const answers = await Promise.all(Array.from({ length: 5 }, () => proxy.request('GET', '/b/k?partNumber=2')))
    expect(answers.map(({ body }) => body.toString())).toEqual(Array(5).fill('4567'))
    expect(answers.map(partOf)).toEqual(Array(5).fill(['bytes 4-7/10', '4', '3']))
    expect(store.objects.count()).toBe(1)
  })

  it('brings its bytes alone, all parts together the object', async () => {
    const store = await origin()
    store.objects.put('b', 'k', content, { partSizes })
    const proxy = await startProxy({ origin: store })
    await Promise.all([1, 2, 3].map((number) => proxy.request('GET', `/b/k?partNumber=${number}`)))
    await proxy.gateway.idle()
    expect(gist(await proxy.settled('GET', '/b/k'))).toEqual([200, 'HIT', content])
    expect(store.objects.bodyBytesSent).toBe(10)
  })

  it('of which some bytes are held takes only the rest from the stream', async () => {
    const store = await origin()
    const before = store.objects.put('b', 'k', content, { partSizes })
    const proxy = await startProxy({ origin: store })
    await proxy.settled('GET', '/b/k?partNumber=1')
    // The bytes go, what is known of the part stays.
    await proxy.settled('PUT', '/b/k', ['Content-Length', '10'], Buffer.from(content))
    store.objects.put('b', 'k', content, { partSizes, lastModified: before.lastModified })
    await proxy.settled('GET', '/b/k', ['Range', 'bytes=0-1'])
    const answer = await proxy.settled('GET', '/b/k?partNumber=1')
    expect([answer.status, answer.body.toString(), partOf(answer)]).toEqual([206, '0123', ['bytes 0-3/10', '4', '3']])
    expect(headerValue(answer.headers, 'cache-status')).toContain('fwd=partial')
  })
})

describe('in s3 mode', () => {
  it("is confirmed by S3 to each client's own request", async () => {
    const store = await origin()
    store.objects.put('b', 'k', content, { partSizes })
    const proxy = await startProxy({ origin: store, mode: 's3' })
    await proxy.settled('GET', '/b/k?partNumber=3')
    const again = await proxy.settled('GET', '/b/k?partNumber=3')
    expect(gist(again)).toEqual([206, 'REVALIDATED', '89'])
    expect(partOf(again)).toEqual(['bytes 8-9/10', '2', '3'])
    expect(store.objects.log.map(({ status }) => status)).toEqual([206, 304])
  })

  it('is not given to whom S3 refuses it', async () => {
    const store = await startObjectOrigin({
      authorise: (headers) => (headerValue(headers, 'x-user') === 'good' ? 'allowed' : 'denied'),
    })
    onTestFinished(() => store.close())
    store.objects.put('b', 'k', content, { partSizes })
    const proxy = await startProxy({ origin: store, mode: 's3' })
    await proxy.settled('GET', '/b/k?partNumber=1', ['x-user', 'good'])
    expect((await proxy.settled('GET', '/b/k?partNumber=1', ['x-user', 'bad'])).status).toBe(403)
    const good = await proxy.settled('GET', '/b/k?partNumber=1', ['x-user', 'good'])
    expect(gist(good)).toEqual([206, 'REVALIDATED', '0123'])
  })
})

describe('an answer to a part', () => {
  /** A store that knows one answer. */
  async function answering(head: string, body = '0123'): Promise<{ readonly port: number }> {
    const started = await startFakeOrigin({
      handler: async (exchange) => {
        await exchange.write(
          Buffer.from(`HTTP/1.1 ${head}\r\nETag: "e"\r\nContent-Length: ${body.length}\r\n\r\n${body}`),
        )
      },
    })
    onTestFinished(() => started.close())
    return started
  }

  it.each([
    ['200 OK', 'part-number'],
    ['206 Partial Content', 'bad-content-range'],
    ['206 Partial Content\r\nContent-Range: bytes 0-3/*', 'bad-content-range'],
    ['206 Partial Content\r\nContent-Range: bytes 0-4/10', 'bad-content-range'],
    ['206 Partial Content\r\nContent-Range: bytes 8-11/10', 'bad-content-range'],
    ['206 Partial Content\r\nx-amz-mp-parts-count: 1\r\nContent-Range: bytes 0-3/10', 'range-mismatch'],
  ])('%s is passed on and not stored', async (head, reason) => {
    const store = await answering(head)
    const proxy = await startProxy({ origin: store })
    for (let n = 0; n < 2; n++) {
      const answer = await requestOnce(
        { port: proxy.port },
        { method: 'GET', target: '/b/k?partNumber=2', headers: ['Host', host] },
      )
      expect(answer.body.toString()).toBe('0123')
      expect(headerValue(answer.headers, 'cache-status')).toBe(`s3proxy; fwd=miss; detail=${reason}`)
    }
    await until(() => proxy.records.length === 2)
    expect(proxy.records.map((record) => record.reason)).toEqual([reason, reason])
  })
})
