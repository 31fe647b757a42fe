import type { Authorization, RawHeaders } from '@s3proxy/protocol'
import { describe, expect, it } from 'vitest'
import type { HitRequest } from './authoriser.ts'
import { createEveryRequestAuthoriser } from './every-request.ts'
import { createNetworkAuthoriser } from './network.ts'
import { planRevalidation } from './revalidate.ts'

const signed = (...names: string[]): Authorization => ({
  kind: 'header',
  scheme: 'v4',
  accessKeyId: 'AKIA',
  scope: '20260101/us-east-1/s3/aws4_request',
  signedHeaders: new Set(['host', ...names]),
})
const presigned: Authorization = { kind: 'presigned', scheme: 'v2', accessKeyId: 'AKIA', expiresAt: 1000 }

const hit = (headers: RawHeaders, authorization: Authorization, now: number, target = '/b/k?s=1'): HitRequest => ({
  bucket: 'b',
  method: 'GET',
  authority: 'h',
  target,
  headers,
  authorization,
  now,
})

describe('the memo of presigned URLs', () => {
  const authoriser = () => createEveryRequestAuthoriser({ presignedMemoMs: 100 })
  const kinds = (...requests: readonly HitRequest[]) => {
    const judge = authoriser()
    judge.accepted?.(hit([], presigned, 0))
    return requests.map((request) => judge.authorise(request).kind)
  }

  it('grants the identical URL until its time has passed', () => {
    expect(kinds(hit([], presigned, 99), hit([], presigned, 100))).toEqual(['granted', 'ask'])
  })

  it('grants no other URL, method or host', () => {
    const same = hit([], presigned, 1)
    const others = [
      { ...same, target: '/b/k?s=2' },
      { ...same, method: 'HEAD' },
      { ...same, authority: 'i' },
    ]
    expect(kinds(...others)).toEqual(['ask', 'ask', 'ask'])
  })

  it('never outlives the URL', () => {
    const judge = createEveryRequestAuthoriser({ presignedMemoMs: 10_000 })
    judge.accepted?.(hit([], presigned, 500))
    expect([999, 1000].map((now) => judge.authorise(hit([], presigned, now)).kind)).toEqual(['granted', 'ask'])
  })

  it('remembers nothing of requests signed in a header, or of which more than the URL is signed', () => {
    const more: Authorization = {
      ...presigned,
      scheme: 'v4',
      scope: 's',
      signedHeaders: new Set(['host', 'range']),
      signedAt: 0,
    }
    for (const request of [hit([], signed(), 0), hit([], more, 0), hit(['x-amz-date', 'x'], presigned, 0)]) {
      const judge = authoriser()
      judge.accepted?.(request)
      expect(judge.authorise(request).kind).toBe('ask')
    }
  })
})

describe('authorisers', () => {
  it('always asks in s3 mode', () => {
    const grant = createEveryRequestAuthoriser().authorise(hit([], signed(), 0))
    expect(grant).toEqual({ kind: 'ask', reason: 'every-request' })
  })

  it.each([
    ['a signed request', [], signed(), 0, { kind: 'granted' }],
    ['an anonymous request', [], { kind: 'anonymous' }, 0, { kind: 'granted' }],
    ['a presigned URL in time', [], presigned, 999, { kind: 'granted' }],
    ['an expired presigned URL', [], presigned, 1000, { kind: 'ask', reason: 'presigned-expired' }],
    [
      'a broken signature',
      [],
      { kind: 'malformed', reason: 'x' },
      0,
      { kind: 'ask', reason: 'malformed-authorization' },
    ],
    ['another scheme', [], { kind: 'other', scheme: 'Bearer' }, 0, { kind: 'ask', reason: 'unknown-authorization' }],
    ['requester pays', ['x-amz-request-payer', 'requester'], signed(), 0, { kind: 'ask', reason: 'request-payer' }],
    [
      'an expected owner',
      ['X-Amz-Expected-Bucket-Owner', '1'],
      signed(),
      0,
      { kind: 'ask', reason: 'expected-bucket-owner' },
    ],
  ] as const)('in network mode, %s', (_name, headers, authorization, now, grant) => {
    expect(createNetworkAuthoriser().authorise(hit(headers, authorization, now))).toEqual(grant)
  })
})

describe('planRevalidation', () => {
  it('adds the condition and leaves the rest as it was', () => {
    expect(planRevalidation(['Host', 'h', 'range', 'bytes=0-1'], signed('range'), '"e"')).toEqual({
      kind: 'conditional',
      headers: ['Host', 'h', 'range', 'bytes=0-1', 'If-None-Match', '"e"'],
    })
  })

  it.each([
    ['If-Match that holds', ['If-Match', '"e"'], 'conditional'],
    ['If-Match without quotes that holds', ['If-Match', 'e'], 'conditional'],
    ['If-Match list that holds', ['If-Match', '"x", "e"'], 'verbatim'],
    ['If-Match list of one', ['If-Match', '"e",'], 'verbatim'],
    ['If-Match any', ['If-Match', '*'], 'conditional'],
    ['If-Match that does not hold', ['If-Match', '"x"'], 'verbatim'],
    ['If-None-Match', ['If-None-Match', '"x"'], 'verbatim'],
    ['If-Modified-Since', ['If-Modified-Since', 'x'], 'verbatim'],
    ['If-Range', ['If-Range', '"e"'], 'verbatim'],
  ])('with the client sending %s', (_name, headers, kind) => {
    expect(planRevalidation(headers, signed('if-match'), '"e"').kind).toBe(kind)
  })

  it('never adds a header the client signed as absent, and never uses a weak tag', () => {
    expect(planRevalidation([], signed('if-none-match'), '"e"').kind).toBe('verbatim')
    expect(planRevalidation([], signed(), 'W/"e"').kind).toBe('verbatim')
  })
})
