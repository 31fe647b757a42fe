import { expect, test } from 'vitest'
import { createSigner } from './signer.ts'

// The worked examples of "Authenticating Requests: Using the Authorization Header" and "… Using Query Parameters"
// in the S3 API reference.
const credentials = {
  accessKeyId: 'AKIAIOSFODNN7EXAMPLE',
  secretAccessKey: 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY',
}
const signer = createSigner({ credentials, now: () => Date.UTC(2013, 4, 24) })

test('GET with a range is signed as the S3 documentation says', async () => {
  const signed = await signer.signRequest({
    method: 'GET',
    target: '/test.txt',
    headers: ['Host', 'examplebucket.s3.amazonaws.com', 'Range', 'bytes=0-9'],
  })
  expect(signed.slice(0, 4)).toEqual(['Host', 'examplebucket.s3.amazonaws.com', 'Range', 'bytes=0-9'])
  expect(signed[signed.indexOf('authorization') + 1]).toBe(
    'AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request, ' +
      'SignedHeaders=host;range;x-amz-content-sha256;x-amz-date, ' +
      'Signature=f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41',
  )
})

test('a query with several parameters is signed as the S3 documentation says', async () => {
  const signed = await signer.signRequest({
    method: 'GET',
    target: '/?max-keys=2&prefix=J',
    headers: ['Host', 'examplebucket.s3.amazonaws.com'],
  })
  expect(signed[signed.indexOf('authorization') + 1]).toContain(
    'Signature=34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7',
  )
})

test('a presigned target is signed as the S3 documentation says', async () => {
  const target = await signer.presign(
    { method: 'GET', target: '/test.txt', headers: ['Host', 'examplebucket.s3.amazonaws.com'] },
    86_400,
  )
  expect(target).toMatch(/^\/test\.txt\?/)
  expect(target).toContain('X-Amz-Expires=86400')
  expect(target).toContain('X-Amz-SignedHeaders=host')
  expect(target).toContain('X-Amz-Signature=aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404')
})

test('named headers stay unsigned', async () => {
  const signed = await signer.signRequest({
    method: 'GET',
    target: '/test.txt',
    headers: ['Host', 'examplebucket.s3.amazonaws.com', 'Range', 'bytes=0-9'],
    unsigned: new Set(['range']),
  })
  expect(signed[signed.indexOf('authorization') + 1]).toContain('SignedHeaders=host;x-amz-content-sha256;x-amz-date')
})
