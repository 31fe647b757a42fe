import { createHash } from 'node:crypto'
import { bytesOf, textHeaders } from '../../harness/fixtures.ts'
import type { Side, WriteCase } from '../../harness/write-case.ts'

const put = (side: Side, target: string, body: Uint8Array, headers: readonly string[] = []) =>
  side.send({ method: 'PUT', target, body, headers })

const key = (side: Side): string => side.path('key')

/** An `aws-chunked` body without signatures, with a checksum in its trailer. */
function awsChunked(body: Uint8Array): Uint8Array {
  const checksum = createHash('sha256').update(body).digest('base64')
  const end = `\r\n0\r\nx-amz-checksum-sha256:${checksum}\r\n\r\n`
  return Buffer.concat([Buffer.from(`${body.length.toString(16)}\r\n`), body, Buffer.from(end)])
}

const wrongMd5 = createHash('md5').update('something else').digest('base64')

/** PutObject and DeleteObject in every form. */
export const objectWrites: readonly WriteCase[] = [
  { name: 'PUT another size', write: async (side) => void (await put(side, key(side), bytesOf(500, 2))) },
  {
    name: 'PUT the same size',
    write: async (side) => void (await put(side, key(side), bytesOf(1000, 2), textHeaders)),
  },
  {
    name: 'PUT the same bytes with other metadata',
    write: async (side) => void (await put(side, key(side), bytesOf(1000), ['x-amz-meta-colour', 'red'])),
  },
  { name: 'PUT nothing', write: async (side) => void (await put(side, key(side), bytesOf(0))) },
  { name: 'PUT 3 MiB', write: async (side) => void (await put(side, key(side), bytesOf(3 << 20, 3))) },
  {
    name: 'PUT where nothing was',
    prepare: async () => undefined,
    write: async (side) => void (await put(side, key(side), bytesOf(1000, 2), textHeaders)),
  },
  {
    name: 'PUT twice',
    async write(side) {
      await put(side, key(side), bytesOf(1000, 2))
      await put(side, key(side), bytesOf(1000, 3))
    },
  },
  {
    name: 'PUT tags and checksum',
    write: async (side) =>
      void (await put(side, key(side), bytesOf(10, 2), [
        'x-amz-tagging',
        'a=b&c=d',
        'x-amz-checksum-sha256',
        createHash('sha256').update(bytesOf(10, 2)).digest('base64'),
      ])),
  },
  {
    name: 'PUT of an unsigned payload',
    write: async (side) =>
      void (await side.send({
        method: 'PUT',
        target: key(side),
        body: bytesOf(10, 2),
        payloadHash: 'UNSIGNED-PAYLOAD',
      })),
  },
  {
    name: 'PUT presigned',
    write: async (side) =>
      void (await side.send({ method: 'PUT', target: key(side), body: bytesOf(10, 2), auth: 'presigned-v4' })),
  },
  {
    name: 'PUT version 2',
    write: async (side) =>
      void (await side.send({ method: 'PUT', target: key(side), body: bytesOf(10, 2), auth: 'v2' })),
  },
  {
    name: 'PUT presigned version 2',
    write: async (side) =>
      void (await side.send({ method: 'PUT', target: key(side), body: bytesOf(10, 2), auth: 'presigned-v2' })),
  },
  {
    name: 'PUT aws-chunked with a trailer',
    write: async (side) =>
      void (await side.send({
        method: 'PUT',
        target: key(side),
        body: awsChunked(bytesOf(1000, 2)),
        payloadHash: 'STREAMING-UNSIGNED-PAYLOAD-TRAILER',
        headers: [
          'Content-Encoding',
          'aws-chunked',
          'x-amz-decoded-content-length',
          '1000',
          'x-amz-trailer',
          'x-amz-checksum-sha256',
        ],
      })),
  },
  {
    name: 'PUT after 100-continue',
    write: async (side) => void (await put(side, key(side), bytesOf(10, 2), ['Expect', '100-continue'])),
  },
  {
    name: 'PUT chunked without a length',
    write: async (side) =>
      void (await side.send({
        method: 'PUT',
        target: key(side),
        headers: ['Transfer-Encoding', 'chunked'],
        unsigned: ['transfer-encoding'],
        body: Buffer.from('5\r\nhello\r\n0\r\n\r\n'),
        payloadHash: 'UNSIGNED-PAYLOAD',
      })),
  },
  {
    name: 'PUT virtual-hosted',
    write: async (side) =>
      void (await side.send({
        method: 'PUT',
        host: 'writes.minio.test',
        target: key(side).replace('/writes/', '/'),
        body: bytesOf(10, 2),
      })),
  },
  {
    name: 'PUT absolute-form',
    write: async (side) =>
      void (await side.send({ method: 'PUT', form: 'absolute', target: key(side), body: bytesOf(10, 2) })),
  },
  {
    name: 'PUT in another spelling',
    write: async (side) =>
      void (await side.send({
        method: 'PUT',
        target: key(side).replace(/key$/, '%6b%65%79'),
        canonical: key(side),
        body: bytesOf(10, 2),
      })),
  },
  {
    name: 'PUT with a key of the client',
    write: async (side) =>
      void (await put(side, key(side), bytesOf(1000), [
        'x-amz-server-side-encryption-customer-algorithm',
        'AES256',
        'x-amz-server-side-encryption-customer-key',
        Buffer.alloc(32, 1).toString('base64'),
        'x-amz-server-side-encryption-customer-key-MD5',
        createHash('md5').update(Buffer.alloc(32, 1)).digest('base64'),
      ])),
  },
  {
    name: 'PUT if nothing is there',
    write: async (side) => void (await put(side, key(side), bytesOf(10, 2), ['If-None-Match', '*'])),
  },
  {
    name: 'PUT if something else is there',
    write: async (side) => void (await put(side, key(side), bytesOf(10, 2), ['If-Match', '"0123456789abcdef"'])),
  },
  {
    name: 'PUT with a wrong MD5',
    write: async (side) => void (await put(side, key(side), bytesOf(10, 2), ['Content-MD5', wrongMd5])),
  },
  {
    name: 'PUT with a wrong hash',
    write: async (side) =>
      void (await side.send({ method: 'PUT', target: key(side), body: bytesOf(10, 2), payloadHash: 'a'.repeat(64) })),
  },
  {
    name: 'PUT with a wrong signature',
    write: async (side) =>
      void (await side.send({ method: 'PUT', target: key(side), body: bytesOf(10, 2), auth: 'wrong-secret-v4' })),
  },
  {
    name: 'PUT anonymous',
    write: async (side) =>
      void (await side.send({ method: 'PUT', target: key(side), body: bytesOf(10, 2), auth: 'anonymous' })),
  },
  { name: 'DELETE', write: async (side) => void (await side.send({ method: 'DELETE', target: key(side) })) },
  {
    name: 'DELETE where nothing is',
    prepare: async () => undefined,
    write: async (side) => void (await side.send({ method: 'DELETE', target: key(side) })),
  },
  {
    name: 'DELETE presigned',
    write: async (side) => void (await side.send({ method: 'DELETE', target: key(side), auth: 'presigned-v4' })),
  },
  {
    name: 'DELETE refused',
    write: async (side) => void (await side.send({ method: 'DELETE', target: key(side), auth: 'anonymous' })),
  },
  {
    name: 'DELETE and PUT',
    async write(side) {
      await side.send({ method: 'DELETE', target: key(side) })
      await put(side, key(side), bytesOf(700, 2))
    },
  },
]
