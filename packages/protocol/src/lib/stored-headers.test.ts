import { describe, expect, it } from 'vitest'
import { isChecksumHeader, storedHeaders } from './stored-headers.ts'

/** A GetObject answer of S3 with nearly everything it can have. */
const kept = [
  ...['Last-Modified', 'Wed, 12 Oct 2009 17:50:00 GMT', 'ETag', '"fba9dede5f27731c9771645a39863328"'],
  ...['x-amz-server-side-encryption', 'aws:kms', 'x-amz-server-side-encryption-aws-kms-key-id', 'arn:aws:kms:a'],
  ...['x-amz-server-side-encryption-bucket-key-enabled', 'true', 'x-amz-version-id', '3HL4kqtJlcpXroDTDmJ'],
  ...['x-amz-meta-a', '1', 'X-Amz-Meta-A', '\xe9', 'x-amz-missing-meta', '1', 'x-amz-storage-class', 'GLACIER'],
  ...['x-amz-restore', 'ongoing-request="false"', 'x-amz-expiration', 'expiry-date="x"', 'x-amz-tagging-count', '2'],
  ...['x-amz-object-lock-mode', 'GOVERNANCE', 'x-amz-object-lock-legal-hold', 'ON'],
  ...['x-amz-replication-status', 'COMPLETED', 'x-amz-website-redirect-location', '/b', 'x-amz-mp-parts-count', '3'],
  ...['x-amz-checksum-crc32', 'NhCmhg==', 'x-amz-checksum-type', 'FULL_OBJECT'],
  ...['Accept-Ranges', 'bytes', 'Content-Type', 'text/plain', 'Content-Encoding', 'gzip', 'Content-Language', 'en'],
  ...[
    'Content-Disposition',
    'attachment',
    'Cache-Control',
    'max-age=60',
    'Expires',
    'x',
    'Vary',
    'Origin',
    'Server',
    'AmazonS3',
  ],
]

const dropped = [
  ...['x-amz-id-2', 'ef8yU9AS1ed4OpIszj7UDNEHGran', 'x-amz-request-id', '318BC8BC143432E5'],
  ...['Date', 'Wed, 28 Oct 2009 22:32:00 GMT', 'Age', '5', 'Content-Length', '434234', 'Content-Range', 'bytes 0-1/2'],
  ...['Connection', 'close, x-private', 'x-private', '1', 'Keep-Alive', '5', 'Transfer-Encoding', 'chunked'],
  ...['x-amz-request-charged', 'requester', 'x-amz-delete-marker', 'true', 'Set-Cookie', 'a=b', 'set-cookie', 'c=d'],
  ...['Access-Control-Allow-Origin', '*', 'access-control-expose-headers', 'ETag', 'Server-Timing', 'a;dur=1'],
  ...['Via', '1.1 x', 'X-Cache', 'Hit', 'Cache-Status', 's3proxy; hit', 'Alt-Svc', 'clear', 'X-Ratelimit-Limit', '5'],
]

describe('storedHeaders', () => {
  it('keeps what belongs to the object, byte for byte and in order', () => {
    expect(storedHeaders(kept)).toEqual(kept)
  })

  it('drops what belongs to one answer', () => {
    expect(storedHeaders(dropped)).toEqual([])
    const mixed = kept.flatMap((text, i) =>
      i % 2 === 0 ? [text, kept[i + 1] ?? '', ...dropped.slice(i % 40, (i % 40) + 2)] : [],
    )
    expect(storedHeaders(mixed)).toEqual(kept)
  })
})

describe('isChecksumHeader', () => {
  it.each([
    ['x-amz-checksum-crc32', true],
    ['x-amz-checksum-crc64nvme', true],
    ['x-amz-checksum-sha256', true],
    ['x-amz-checksum-type', true],
    ['content-md5', true],
    ['etag', false],
    ['x-amz-meta-checksum', false],
    ['x-amz-sdk-checksum-algorithm', false],
  ])('%s: %s', (name, expected) => {
    expect(isChecksumHeader(name)).toBe(expected)
  })
})
