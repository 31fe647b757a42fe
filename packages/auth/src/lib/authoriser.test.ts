import type { Authorization } from '@s3proxy/protocol'
import { describe, expect, it } from 'vitest'
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

describe('authorisers', () => {
  it('always asks in s3 mode', () => {
    const grant = createEveryRequestAuthoriser().authorise({
      bucket: 'b',
      headers: [],
      authorization: signed(),
      now: 0,
    })
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
    expect(createNetworkAuthoriser().authorise({ bucket: 'b', headers, authorization, now })).toEqual(grant)
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
