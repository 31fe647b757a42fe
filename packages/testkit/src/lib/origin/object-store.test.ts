import { createHash } from 'node:crypto'
import { headerValue } from '@s3proxy/protocol'
import { expect, onTestFinished, test } from 'vitest'
import { requestOnce } from '../http-client.ts'
import { contentSha256, patternContent } from './content.ts'
import { type ObjectOrigin, startObjectOrigin } from './object-store.ts'

async function started(domain?: string): Promise<ObjectOrigin> {
  const origin = await startObjectOrigin({
    now: () => Date.UTC(2026, 0, 1),
    ...(domain === undefined ? {} : { domain }),
  })
  onTestFinished(() => origin.close())
  return origin
}

const send = (origin: ObjectOrigin, method: string, target: string, headers: string[] = [], body?: Buffer) =>
  requestOnce({ port: origin.port }, { method, target, headers: ['Host', 'a', ...headers], ...(body && { body }) })

test('what was put is read back, with its MD5 as the ETag', async () => {
  const origin = await started()
  const headers = ['Content-Length', '5', 'Content-Type', 'text/plain', 'x-amz-meta-a', 'b']
  const put = await send(origin, 'PUT', '/bucket/a%20b', headers, Buffer.from('hello'))
  const etag = `"${createHash('md5').update('hello').digest('hex')}"`
  expect(headerValue(put.headers, 'etag')).toBe(etag)
  const got = await send(origin, 'GET', '/bucket/a%20b')
  expect(got.body.toString()).toBe('hello')
  expect(headerValue(got.headers, 'etag')).toBe(etag)
  expect(headerValue(got.headers, 'x-amz-meta-a')).toBe('b')
  expect(headerValue(got.headers, 'last-modified')).toBe('Thu, 01 Jan 2026 00:00:00 GMT')
  const head = await send(origin, 'HEAD', '/bucket/a%20b')
  expect(headerValue(head.headers, 'content-length')).toBe('5')
  expect(origin.objects.get('bucket', 'a b')?.size).toBe(5)
  expect((await send(origin, 'DELETE', '/bucket/a%20b')).status).toBe(204)
  expect((await send(origin, 'GET', '/bucket/a%20b')).status).toBe(404)
  expect(origin.objects.count({ method: 'GET', status: 200 })).toBe(1)
  expect(origin.objects.bodyBytesSent).toBeGreaterThan(5)
})

test.each([
  ['bytes=0-0', 206, 'bytes 0-0/10', '0'],
  ['bytes=8-', 206, 'bytes 8-9/10', '89'],
  ['bytes=-3', 206, 'bytes 7-9/10', '789'],
  ['bytes=-99', 206, 'bytes 0-9/10', '0123456789'],
  ['bytes=5-99', 206, 'bytes 5-9/10', '56789'],
  ['bytes=10-', 416, 'bytes */10', undefined],
  ['bytes=-0', 416, 'bytes */10', undefined],
  ['bytes=0-1,3-4', 200, undefined, '0123456789'],
  ['bytes=5-3', 200, undefined, '0123456789'],
])('Range: %s → %i', async (range, status, contentRange, body) => {
  const origin = await started()
  origin.objects.put('b', 'k', '0123456789')
  const got = await send(origin, 'GET', '/b/k', ['Range', range])
  expect(got.status).toBe(status)
  expect(headerValue(got.headers, 'content-range')).toBe(contentRange)
  if (body !== undefined) expect(got.body.toString()).toBe(body)
})

test.each([
  ['If-None-Match', '"e"', 304],
  ['If-None-Match', 'W/"e", "x"', 304],
  ['If-None-Match', '*', 304],
  ['If-None-Match', '"x"', 200],
  ['If-Match', '"e"', 200],
  ['If-Match', '"x"', 412],
  ['If-Modified-Since', 'Thu, 01 Jan 2026 00:00:00 GMT', 304],
  ['If-Modified-Since', 'Wed, 31 Dec 2025 23:59:59 GMT', 200],
  ['If-Unmodified-Since', 'Wed, 31 Dec 2025 23:59:59 GMT', 412],
  ['If-Modified-Since', 'nonsense', 200],
])('%s: %s → %i', async (name, value, status) => {
  const origin = await started()
  origin.objects.put('b', 'k', 'body', { etag: '"e"' })
  expect((await send(origin, 'GET', '/b/k', [name, value])).status).toBe(status)
})

test('virtual-hosted buckets, refusals and made content', async () => {
  const origin = await startObjectOrigin({
    domain: 's3.test',
    authorise: (headers) => (headerValue(headers, 'authorization') ? 'allowed' : 'denied'),
  })
  onTestFinished(() => origin.close())
  const content = patternContent(300_000, 7)
  origin.objects.put('b', 'k', content, { etag: '"made"' })
  const request = { method: 'GET', target: '/k', headers: ['Host', 'b.s3.test:9000', 'Authorization', 'yes'] }
  const got = await requestOnce({ port: origin.port }, request)
  expect(createHash('sha256').update(got.body).digest('hex')).toBe(contentSha256(content))
  expect(got.body.subarray(65_530, 65_600)).toEqual(content.slice(65_530, 65_600))
  const denied = await requestOnce({ port: origin.port }, { ...request, headers: ['Host', 'b.s3.test'] })
  expect(denied.status).toBe(403)
  expect(denied.body.toString()).toContain('<Code>AccessDenied</Code>')
})
