import { createNetworkAuthoriser } from '@s3proxy/auth'
import type { Representation } from '@s3proxy/cache-store'
import { parseRangeHeader, type RawHeaders } from '@s3proxy/protocol'
import { describe, expect, it } from 'vitest'
import type { ReadRequest } from '../decide.ts'
import { resolveReadPolicy } from '../read-policy.ts'
import { contentLength, readUpstreamAnswer } from './upstream-answer.ts'

const policy = resolveReadPolicy({ authoriser: createNetworkAuthoriser() })

const date = 'Thu, 01 Jan 2026 00:00:00 GMT'
const held: Representation = {
  key: 'k',
  etag: '"e"',
  size: 5,
  headers: ['ETag', '"e"', 'Last-Modified', date],
  checksums: false,
}
const read = (extra: Partial<ReadRequest> = {}): ReadRequest => ({
  policy,
  method: 'GET',
  key: 'k',
  bucket: 'b',
  range: undefined,
  part: undefined,
  conditionalRange: false,
  overrides: [],
  wantsChecksums: false,
  immutable: false,
  mustAsk: false,
  ...extra,
})
const answer = (status: number, headers: RawHeaders, request = read(), condition?: Representation) =>
  readUpstreamAnswer(request, { status, reason: '', headers }, held, condition)
const ranged = read({ range: parseRangeHeader('bytes=1-2') })

describe('readUpstreamAnswer', () => {
  it.each<[string, RawHeaders, string]>([
    ['the same tag and date', ['ETag', '"e"', 'Last-Modified', date], 'confirmed'],
    ['no tag and no date', [], 'confirmed'],
    ['another tag', ['ETag', '"f"'], 'metadata-changed'],
    ['another date', ['ETag', '"e"', 'Last-Modified', 'Fri, 02 Jan 2026 00:00:00 GMT'], 'metadata-changed'],
  ])('a 304 to our condition with %s', (_name, headers, kind) => {
    expect(answer(304, headers, read(), held).kind).toBe(kind)
  })

  it.each<[string, number, RawHeaders, unknown]>([
    ['304 with the held tag', 304, ['ETag', '"e"'], { kind: 'pass', reason: 'status', held: 'refresh' }],
    [
      '304 with the held tag and another date',
      304,
      ['ETag', '"e"', 'Last-Modified', 'Fri, 02 Jan 2026 00:00:00 GMT'],
      { kind: 'pass', reason: 'status', held: 'drop' },
    ],
    ['304 with another tag', 304, ['ETag', '"f"'], { kind: 'pass', reason: 'status', held: 'keep' }],
    ['403', 403, [], { kind: 'pass', reason: 'status', held: 'keep' }],
    ['404', 404, [], { kind: 'pass', reason: 'status', held: 'drop' }],
    ['412', 412, [], { kind: 'pass', reason: 'status', held: 'drop' }],
    ['503', 503, [], { kind: 'pass', reason: 'status', held: 'keep' }],
    ['200 without a tag', 200, ['Content-Length', '5'], { kind: 'pass', reason: 'no-etag', held: 'drop' }],
    ['200 without a length', 200, ['ETag', '"e"'], { kind: 'pass', reason: 'no-length', held: 'drop' }],
    [
      '200 under SSE-C',
      200,
      ['ETag', '"e"', 'Content-Length', '5', 'x-amz-server-side-encryption-customer-algorithm', 'AES256'],
      { kind: 'pass', reason: 'sse-c', held: 'drop' },
    ],
    [
      '206 to a request without Range',
      206,
      ['ETag', '"e"', 'Content-Length', '2', 'Content-Range', 'bytes 0-1/5'],
      { kind: 'pass', reason: 'range-mismatch', held: 'drop' },
    ],
  ])('%s to the client alone', (_name, status, headers, expected) => {
    expect(answer(status, headers)).toEqual(expected)
  })

  it('takes the range from the answer, and the size from its Content-Range', () => {
    const headers = ['ETag', '"e"', 'Content-Length', '2', 'Content-Range', 'bytes 1-2/5', 'Content-Type', 'text/plain']
    expect(answer(206, headers, ranged)).toEqual({
      kind: 'object',
      range: { start: 1, end: 3 },
      representation: {
        key: 'k',
        etag: '"e"',
        size: 5,
        headers: ['ETag', '"e"', 'Content-Type', 'text/plain'],
        checksums: false,
      },
    })
  })

  it.each([
    ['of another range', 'bytes 2-3/5'],
    ['of unknown size', 'bytes 1-2/*'],
    ['longer than the body', 'bytes 1-3/5'],
    ['past the size', 'bytes 4-5/5'],
    ['that is none', 'bites 1-2/5'],
  ])('stores nothing of a Content-Range %s', (_name, contentRange) => {
    const headers = ['ETag', '"e"', 'Content-Length', '2', 'Content-Range', contentRange]
    expect(answer(206, headers, ranged).kind).toBe('pass')
  })

  it('takes a HEAD for what the object looks like, and only without Range', () => {
    const headers = ['ETag', '"e"', 'Content-Length', '5']
    expect(answer(200, headers, read({ method: 'HEAD' }))).toMatchObject({
      kind: 'metadata',
      representation: { size: 5 },
    })
    const part = ['ETag', '"e"', 'Content-Length', '2', 'Content-Range', 'bytes 1-2/5']
    expect(answer(206, part, { ...ranged, method: 'HEAD' })).toMatchObject({ kind: 'pass', reason: 'head-range' })
  })
})

describe('contentLength', () => {
  it.each([
    ['5', 5],
    ['0', 0],
    ['-1', undefined],
    ['5, 5', undefined],
    ['0x5', undefined],
    ['9'.repeat(16), undefined],
    ['', undefined],
  ])('%j is %s', (value, expected) => {
    expect(contentLength(['content-length', value])).toBe(expected)
  })
})
