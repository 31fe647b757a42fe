import { headerValue } from '@s3proxy/protocol'
import { bytesOf, textHeaders } from '../../harness/fixtures.ts'
import { elementText } from '../../harness/store-client.ts'
import type { Side, WriteCase } from '../../harness/write-case.ts'

const key = (side: Side): string => side.path('key')
const source = (side: Side): string => side.path('source')

async function prepareBoth(side: Side): Promise<void> {
  await side.send({ method: 'PUT', target: key(side), body: bytesOf(1000), headers: textHeaders })
  await side.send({ method: 'PUT', target: source(side), body: bytesOf(1000, 2) })
}

const keys = ['key', 'source']

async function begin(side: Side): Promise<string> {
  const begun = await side.send({
    method: 'POST',
    target: `${key(side)}?uploads`,
    headers: ['x-amz-meta-colour', 'red'],
  })
  return elementText(begun.body, 'UploadId')
}

function completion(parts: readonly (readonly [number: number, etag: string])[]): Uint8Array {
  const listed = parts.map(([number, etag]) => `<Part><PartNumber>${number}</PartNumber><ETag>${etag}</ETag></Part>`)
  return Buffer.from(`<CompleteMultipartUpload>${listed.join('')}</CompleteMultipartUpload>`)
}

/** CopyObject and multipart uploads. */
export const copyWrites: readonly WriteCase[] = [
  {
    name: 'COPY onto itself with other metadata',
    write: async (side) =>
      void (await side.send({
        method: 'PUT',
        target: key(side),
        headers: [
          'x-amz-copy-source',
          key(side),
          'x-amz-metadata-directive',
          'REPLACE',
          'x-amz-meta-colour',
          'red',
          'Content-Type',
          'text/html',
        ],
      })),
  },
  {
    name: 'COPY onto itself without a change',
    write: async (side) =>
      void (await side.send({ method: 'PUT', target: key(side), headers: ['x-amz-copy-source', key(side)] })),
  },
  {
    name: 'COPY over another',
    prepare: prepareBoth,
    keys,
    write: async (side) =>
      void (await side.send({ method: 'PUT', target: key(side), headers: ['x-amz-copy-source', source(side)] })),
  },
  {
    name: 'COPY of nothing',
    write: async (side) =>
      void (await side.send({ method: 'PUT', target: key(side), headers: ['x-amz-copy-source', source(side)] })),
  },
  {
    name: 'COPY on a condition that fails',
    prepare: prepareBoth,
    keys,
    write: async (side) =>
      void (await side.send({
        method: 'PUT',
        target: key(side),
        headers: ['x-amz-copy-source', source(side), 'x-amz-copy-source-if-match', '"0123456789abcdef"'],
      })),
  },
  {
    name: 'parts, completed',
    async write(side) {
      const id = await begin(side)
      const first = await side.send({
        method: 'PUT',
        target: `${key(side)}?partNumber=1&uploadId=${id}`,
        body: bytesOf(5 << 20, 4),
      })
      const second = await side.send({
        method: 'PUT',
        target: `${key(side)}?partNumber=2&uploadId=${id}`,
        body: bytesOf(10),
      })
      await side.send({ method: 'GET', target: `${key(side)}?uploadId=${id}` })
      const etags = [first, second].map(({ headers }) => headerValue(headers, 'etag') ?? '')
      const body = completion([
        [1, etags[0] ?? ''],
        [2, etags[1] ?? ''],
      ])
      await side.send({ method: 'POST', target: `${key(side)}?uploadId=${id}`, body })
    },
  },
  {
    name: 'parts, one again and one left out',
    async write(side) {
      const id = await begin(side)
      const upload = (number: number, seed: number) =>
        side.send({
          method: 'PUT',
          target: `${key(side)}?partNumber=${number}&uploadId=${id}`,
          body: bytesOf(2000, seed),
        })
      await upload(7, 1)
      const again = await upload(7, 2)
      await upload(9, 3)
      const body = completion([[7, headerValue(again.headers, 'etag') ?? '']])
      await side.send({ method: 'POST', target: `${key(side)}?uploadId=${id}`, body })
    },
  },
  {
    name: 'parts, copied',
    prepare: prepareBoth,
    keys,
    async write(side) {
      const id = await begin(side)
      const copied = await side.send({
        method: 'PUT',
        target: `${key(side)}?partNumber=1&uploadId=${id}`,
        headers: ['x-amz-copy-source', source(side), 'x-amz-copy-source-range', 'bytes=0-99'],
      })
      const body = completion([[1, elementText(copied.body, 'ETag').replaceAll('&#34;', '"')]])
      await side.send({ method: 'POST', target: `${key(side)}?uploadId=${id}`, body })
    },
  },
  {
    name: 'parts, completed with a wrong list',
    async write(side) {
      const id = await begin(side)
      await side.send({ method: 'PUT', target: `${key(side)}?partNumber=1&uploadId=${id}`, body: bytesOf(10) })
      await side.send({ method: 'POST', target: `${key(side)}?uploadId=${id}`, body: completion([[1, '"wrong"']]) })
    },
  },
  {
    name: 'parts, given up',
    async write(side) {
      const id = await begin(side)
      await side.send({ method: 'PUT', target: `${key(side)}?partNumber=1&uploadId=${id}`, body: bytesOf(10) })
      await side.send({ method: 'DELETE', target: `${key(side)}?uploadId=${id}` })
    },
  },
  {
    name: 'parts, of no upload',
    async write(side) {
      await side.send({ method: 'PUT', target: `${key(side)}?partNumber=1&uploadId=nothing`, body: bytesOf(10) })
      await side.send({ method: 'POST', target: `${key(side)}?uploadId=nothing`, body: completion([[1, '"x"']]) })
    },
  },
]
