import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createAccessLogFormatter } from './access-log-line.ts'
import type { RequestRecord } from './request-record.ts'
import { requestRecord } from './sample-record.ts'

/** Splits a line as a reader of S3 logs does. */
function fields(line: string): string[] {
  return line.trimEnd().match(/"[^"]*"|\[[^\]]*\]|[^ ]+/g) ?? []
}

const format = createAccessLogFormatter()

test('the fields are those of S3, in its order', () => {
  expect(format(requestRecord())).toBe(
    '- photos [06/Feb/2026:00:00:38 +0000] 192.0.2.3 AKIAIOSFODNN7EXAMPLE 3E57427F3EXAMPLE REST.GET.OBJECT ' +
      'a%20b/puppy.jpg "GET /photos/a%20b/puppy.jpg?versionId=v1 HTTP/1.1" 206 - 1024 4096 12 3 ' +
      '"https://example.org/" "aws-sdk/3" v1 - SigV4 - AuthHeader s3.us-east-1.amazonaws.com - - - - hit\n',
  )
})

test('what is unknown is a dash', () => {
  const record: RequestRecord = {
    requestId: 'r',
    startedAt: Date.UTC(2026, 11, 31, 23, 59, 59, 999),
    remoteAddress: '::1',
    method: 'GET',
    target: '/',
    hostHeader: undefined,
    operation: 'Unknown',
    scope: 'none',
    bucket: undefined,
    key: undefined,
    versionId: undefined,
    status: 0,
    errorCode: undefined,
    bytesSent: 0,
    objectSize: undefined,
    totalMs: 0.4,
    turnaroundMs: undefined,
    referer: undefined,
    userAgent: undefined,
    requester: undefined,
    authType: undefined,
    signatureVersion: undefined,
    outcome: 'error',
    reason: 'ClientClosed',
    bytesFromCache: 0,
    bytesFromUpstream: 0,
    aborted: true,
  }
  expect(format(record)).toBe(
    '- - [31/Dec/2026:23:59:59 +0000] ::1 - r REST.GET.UNKNOWN - "GET / HTTP/1.1" - - - - 0 - "-" "-" - - - - - - - - - - ' +
      'error:ClientClosed\n',
  )
})

test('credentials are redacted in the target and in the referer', () => {
  const url = '/b/k?X-Amz-Credential=SECRET&X-Amz-Signature=SECRET'
  const line = format(requestRecord({ target: url, referer: `http://h${url}` }))
  expect(line).not.toContain('SECRET')
  expect(line.match(/REDACTED/g)?.length).toBe(4)
})

test.each<[Partial<RequestRecord>]>([
  [{ requestId: '0000000000000001' }],
  [{ startedAt: Date.UTC(2026, 1, 6, 0, 0, 39) }],
  [{ remoteAddress: '192.0.2.4' }],
  [{ method: 'HEAD' }],
  [{ target: '/photos/a%20b/kitten.jpg' }],
  [{ hostHeader: 'photos.s3.amazonaws.com' }],
  [{ operation: 'GetObjectTagging' }],
  [{ scope: 'bucket' }],
  [{ bucket: 'drawings' }],
  [{ key: 'a b/kitten.jpg' }],
  [{ versionId: undefined }],
  [{ status: 200 }],
  [{ errorCode: 'AccessDenied' }],
  [{ bytesSent: 1025 }],
  [{ objectSize: 4097 }],
  [{ totalMs: 13.4 }],
  [{ turnaroundMs: undefined }],
  [{ referer: undefined }],
  [{ userAgent: 'aws-sdk/4' }],
  [{ requester: 'AKIAI44QH8DHBEXAMPLE' }],
  [{ authType: 'QueryString' }],
  [{ signatureVersion: 'SigV2' }],
  [{ outcome: 'miss', reason: 'stored' }],
  [{ reason: 'stale-if-error' }],
])('a line says nothing of the one before: %o', (changes) => {
  const alone = (record: RequestRecord): string => createAccessLogFormatter()(record)
  const [one, other] = [requestRecord(), requestRecord(changes)]
  expect(alone(one)).not.toBe(alone(other))
  const following = createAccessLogFormatter()
  for (const record of [one, one, one, other, other, other, one, other]) expect(following(record)).toBe(alone(record))
})

test('whatever clients send, a record is one line of 28 fields', () => {
  const hostile = fc.string({ unit: 'binary', maxLength: 50 })
  fc.assert(
    fc.property(fc.record({ a: hostile, b: hostile, c: hostile, d: hostile }), ({ a, b, c, d }) => {
      const line = format(
        requestRecord({
          method: a,
          target: b,
          hostHeader: c,
          referer: d,
          userAgent: a,
          bucket: b,
          key: c,
          versionId: d,
          requester: a,
          errorCode: b,
          reason: c,
          requestId: d,
          remoteAddress: a,
        }),
      )
      expect(line.indexOf('\n')).toBe(line.length - 1)
      expect(fields(line).length).toBe(28)
    }),
  )
})

test('the time follows the record, not the one before', () => {
  const late = requestRecord({ startedAt: Date.UTC(2026, 1, 7, 1, 2, 3) })
  expect(fields(format(late))[2]).toBe('[07/Feb/2026:01:02:03 +0000]')
  expect(fields(format(requestRecord()))[2]).toBe('[06/Feb/2026:00:00:38 +0000]')
})

test('what was the same in the line before is not kept when it changes', () => {
  const format = createAccessLogFormatter()
  const first = requestRecord()
  const changes: Partial<typeof first>[] = [
    { bucket: 'other' },
    { startedAt: first.startedAt + 1000 },
    { remoteAddress: '192.0.2.99' },
    { requester: 'AKIAOTHER' },
    { referer: 'http://other/' },
    { userAgent: 'other' },
    { versionId: 'other' },
    { signatureVersion: 'SigV2' },
    { authType: 'QueryString' },
    { hostHeader: 'other' },
    { outcome: 'revalidated' },
    { reason: 'other' },
  ]
  for (const change of changes) {
    format(first)
    const changed = { ...first, ...change }
    expect(format(changed)).toBe(createAccessLogFormatter()(changed))
    expect(format(changed)).not.toBe(format(first))
  }
})
