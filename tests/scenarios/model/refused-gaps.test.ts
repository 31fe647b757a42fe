import { headerValue } from '@s3proxy/protocol'
import { type Answer, answer, startFakeOrigin, startObjectOrigin } from '@s3proxy/testkit'
import { describe, expect, it, onTestFinished } from 'vitest'
import { startProxy } from '../harness.ts'

const validators = ['ETag', '"e"', 'Last-Modified', 'Thu, 01 Jan 2026 00:00:00 GMT']
const start = { status: 206, headers: [...validators, 'Content-Range', 'bytes 0-3/8'], body: 'aaaa' }
const whole = { headers: validators, body: 'aaaabbbb' }

describe('an answer to what only the proxy asked', () => {
  const range = ['Content-Range', 'bytes 4-7/8']
  it.each<[string, Answer]>([
    ['a range without a length', { status: 206, headers: [...validators, ...range], body: 'bbbb', framing: 'chunked' }],
    ['a range without an ETag', { status: 206, headers: range, body: 'bbbb' }],
    ['a range under a weak ETag', { status: 206, headers: ['ETag', 'W/"e"', ...range], body: 'bbbb' }],
    ['another range', { status: 206, headers: [...validators, 'Content-Range', 'bytes 2-3/8'], body: 'aa' }],
    ['no range', { status: 206, headers: validators, body: 'bbbb' }],
    ['a failed precondition', { status: 412 }],
    ['an unsatisfiable range', { status: 416, headers: ['Content-Range', 'bytes */2'] }],
    ['not modified', { status: 304, headers: validators, framing: 'given' }],
  ])('%s is not for the client', async (_name, gap) => {
    await using store = await startFakeOrigin()
    store.script(answer(start), answer(gap), answer(whole))
    const proxy = await startProxy({ origin: store })
    await proxy.settled('GET', '/b/k', ['Range', 'bytes=0-3'])
    const got = await proxy.settled('GET', '/b/k')
    expect([got.status, got.body.toString(), got.end.kind]).toEqual([200, 'aaaabbbb', 'complete'])
    expect(store.requests.length).toBe(3)
  })

  it('an error that the client would have met itself is', async () => {
    await using store = await startFakeOrigin()
    store.script(answer(start), answer({ status: 403, body: 'no' }))
    const proxy = await startProxy({ origin: store })
    await proxy.settled('GET', '/b/k', ['Range', 'bytes=0-3'])
    const got = await proxy.settled('GET', '/b/k')
    expect([got.status, got.body.toString()]).toEqual([403, 'no'])
  })
})

describe('metadata that changed under the same ETag', () => {
  const changed = async (mode: 's3' | 'network') => {
    const store = await startObjectOrigin()
    onTestFinished(() => store.close())
    const put = (revision: number) =>
      store.objects.put('b', 'k', 'aaaabbbb', {
        headers: ['x-amz-meta-revision', String(revision)],
        lastModified: Date.UTC(2026, 0, revision),
      })
    put(1)
    const proxy = await startProxy({ origin: store, mode, policy: { getTtlMs: 1000 } })
    return { proxy, put }
  }

  it('is seen by a read of which a part was held', async () => {
    const { proxy, put } = await changed('s3')
    await proxy.settled('GET', '/b/k', ['Range', 'bytes=0-3'])
    put(2)
    const got = await proxy.settled('GET', '/b/k')
    expect([got.body.toString(), headerValue(got.headers, 'x-amz-meta-revision')]).toEqual(['aaaabbbb', '2'])
  })

  it('does not stay fresh by a 304 to the condition of a client', async () => {
    const { proxy, put } = await changed('network')
    await proxy.settled('GET', '/b/k')
    const { etag } = put(2)
    proxy.clock.advance(2000)
    expect((await proxy.settled('GET', '/b/k', ['If-None-Match', etag])).status).toBe(304)
    const got = await proxy.settled('GET', '/b/k')
    expect(headerValue(got.headers, 'x-amz-meta-revision')).toBe('2')
  })
})
