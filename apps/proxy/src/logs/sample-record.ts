import type { RequestRecord } from './request-record.ts'

/** A ranged read answered from the cache, changed by `changes`; for tests. */
export function requestRecord(changes: Partial<RequestRecord> = {}): RequestRecord {
  return {
    requestId: '3E57427F3EXAMPLE',
    startedAt: Date.UTC(2026, 1, 6, 0, 0, 38, 500),
    remoteAddress: '192.0.2.3',
    method: 'GET',
    target: '/photos/a%20b/puppy.jpg?versionId=v1',
    hostHeader: 's3.us-east-1.amazonaws.com',
    operation: 'GetObject',
    scope: 'object',
    bucket: 'photos',
    key: 'a b/puppy.jpg',
    versionId: 'v1',
    status: 206,
    errorCode: undefined,
    bytesSent: 1024,
    objectSize: 4096,
    totalMs: 12.4,
    turnaroundMs: 2.6,
    referer: 'https://example.org/',
    userAgent: 'aws-sdk/3',
    requester: 'AKIAIOSFODNN7EXAMPLE',
    authType: 'AuthHeader',
    signatureVersion: 'SigV4',
    outcome: 'hit',
    reason: 'hit',
    bytesFromCache: 1024,
    bytesFromUpstream: 0,
    aborted: false,
    ...changes,
  }
}
