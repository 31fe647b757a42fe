import { createNetworkAuthoriser } from '@s3proxy/auth'
import type { RawHeaders } from '@s3proxy/protocol'
import { createRouter } from '@s3proxy/router'
import { describe, expect, it } from 'vitest'
import { classify, type Decision } from './decide.ts'
import { resolveReadPolicy } from './read-policy.ts'
import { readFields } from './request-fields.ts'
import { describeResource } from './resource.ts'

const policy = resolveReadPolicy({ authoriser: createNetworkAuthoriser() })

const router = createRouter({ stores: [{ name: 'store.test', scheme: 'http' }] })

function decisionOf(
  method: string,
  target: string,
  headers: RawHeaders = [],
  hasBody = false,
  host = 'store.test',
): Decision {
  const head = { method, target, headers: ['Host', host, ...headers] }
  const match = router.match(head)
  if (match.kind === 'refused') throw new Error(match.reason)
  const resource = describeResource(match.route, method)
  return classify(resource, head, readFields(head.headers), hasBody, { of: () => policy }).decision
}

const summary = (decision: Decision): string => {
  switch (decision.kind) {
    case 'read':
      return `read ${decision.read.method}`
    case 'write':
      return `write ${decision.operation.name}`
    case 'forward':
      return decision.reason
  }
}

describe('classify', () => {
  it.each<[string, string, RawHeaders, string]>([
    ['GET', '/b/k', [], 'read GET'],
    ['HEAD', '/b/k', [], 'read HEAD'],
    ['GET', '/b/k', ['Range', 'bytes=0-1'], 'read GET'],
    ['GET', '/b/k?x-id=GetObject', [], 'read GET'],
    ['GET', '/b/k?versionId=v1', [], 'read GET'],
    ['GET', '/b/k?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Signature=0', [], 'read GET'],
    ['GET', '/b/acl', [], 'read GET'],
    ['GET', '/b/k?acl', [], 'operation'],
    ['GET', '/b/k?tagging=', [], 'operation'],
    ['GET', '/b/k?uploadId=u', [], 'operation'],
    ['GET', '/b/k?attributes', [], 'operation'],
    ['GET', '/b/k?torrent', [], 'operation'],
    ['GET', '/b?list-type=2', [], 'operation'],
    ['GET', '/b', [], 'operation'],
    ['GET', '/', [], 'operation'],
    ['GET', '/b/k?partNumber=1', [], 'read GET'],
    ['GET', '/b/k?partNumber=10000', [], 'read GET'],
    ['GET', '/b/k?partNumber=10001', [], 'part-number'],
    ['GET', '/b/k?partNumber=0', [], 'part-number'],
    ['GET', '/b/k?partNumber=01', [], 'part-number'],
    ['GET', '/b/k?partNumber=one', [], 'part-number'],
    ['GET', '/b/k?partNumber=1', ['Range', 'bytes=0-1'], 'part-number'],
    ['HEAD', '/b/k?partNumber=1', [], 'part-number'],
    ['GET', '/b/k?versionId=null', [], 'null-version'],
    ['GET', '/b/k?surprise=1', [], 'unknown-query'],
    ['GET', '/b/k', ['Range', 'bytes=0-1,4-5'], 'multiple-ranges'],
    ['GET', '/b/k', ['Range', 'lines=0-1'], 'malformed-range'],
    ['GET', '/b/k', ['Range', 'bytes=0-1', 'range', 'bytes=2-3'], 'repeated-field'],
    ['GET', '/b/k', ['x-amz-server-side-encryption-customer-algorithm', 'AES256'], 'sse-c'],
    ['GET', '/b/k', ['X-Amz-Server-Side-Encryption', 'AES256'], 'unknown-header'],
    ['GET', '/b/k', ['X-Amz-Date', '20260101T000000Z', 'x-amzn-trace-id', 'x'], 'read GET'],
    ['GET', '/b/k', ['Cache-Control', 'max-age=0, no-store'], 'no-store-request'],
    ['PUT', '/b/k', [], 'write PutObject'],
    ['PUT', '/b/k', ['x-amz-copy-source', '/b/j'], 'write CopyObject'],
    ['DELETE', '/b/k', [], 'write DeleteObject'],
    ['POST', '/b?delete', [], 'write DeleteObjects'],
    ['POST', '/b/k?uploadId=u', [], 'write CompleteMultipartUpload'],
    ['PUT', '/b/k?tagging', [], 'write PutObjectTagging'],
  ])('%s %s %j is %s', (method, target, headers, expected) => {
    expect(summary(decisionOf(method, target, headers))).toBe(expected)
  })

  it('sends a read with a body past the cache', () => {
    expect(summary(decisionOf('GET', '/b/k', [], true))).toBe('request-body')
  })

  it('never caches what is behind an Object Lambda, an Outpost or a website', () => {
    for (const host of [
      'ap-123456789012.s3-object-lambda.us-east-1.amazonaws.com',
      'b.s3-website-us-east-1.amazonaws.com',
    ]) {
      expect(summary(decisionOf('GET', '/k', [], false, host))).toBe('uncacheable-address')
    }
  })

  it.each<[string, RawHeaders]>([
    ['no-cache', ['Cache-Control', 'no-cache']],
    ['max-age=0', ['Cache-Control', 'public, Max-Age=0']],
    ['Pragma', ['Pragma', 'no-cache']],
    ['Origin', ['Origin', 'https://example.com']],
  ])('asks S3 when the client sends %s', (_name, headers) => {
    expect(decisionOf('GET', '/b/k', headers)).toMatchObject({ kind: 'read', read: { mustAsk: true } })
  })

  it('keeps versions and the current object apart, and joins the spellings of a key', () => {
    const keyOf = (target: string) => {
      const decision = decisionOf('GET', target)
      return decision.kind === 'read' ? decision.read.key : undefined
    }
    expect(keyOf('/b/k?versionId=v')).not.toBe(keyOf('/b/k'))
    expect(keyOf('/b/%6b')).toBe(keyOf('/b/k'))
    expect(keyOf('/b/k?x-id=GetObject')).toBe(keyOf('/b/k'))
  })
})
