import { gzipSync } from 'node:zlib'
import { bytesOf } from '../harness/fixtures.ts'
import { briefly, type Row, readCases } from '../harness/read-case.ts'
import type { ReadTable } from '../harness/read-table.ts'
import { tell } from '../harness/store-client.ts'

interface Stored {
  readonly name: string
  readonly headers: readonly string[]
  readonly body?: Uint8Array
}

const utf8 = (text: string): string => Buffer.from(text, 'utf8').toString('latin1')
const meta = (index: number): string => `x-amz-meta-key-${index}`

/** Objects by what is special about their headers. All are written by anybody, so that raw bytes need no signature. */
const objects: readonly Stored[] = [
  { name: 'nothing', headers: [] },
  { name: 'latin-1', headers: ['x-amz-meta-name', 'Jos\u00e9 \u00fcber \u00df'] },
  { name: 'utf-8', headers: ['x-amz-meta-name', utf8('日本語 ключ 😀')] },
  { name: 'rfc-2047', headers: ['x-amz-meta-name', '=?UTF-8?B?5pel5pys6Kqe?='] },
  { name: 'repeated', headers: ['x-amz-meta-a', '1', 'x-amz-meta-b', '2', 'x-amz-meta-a', '3'] },
  { name: 'comma', headers: ['x-amz-meta-a', '1,2 , 3', 'x-amz-meta-b', '"quoted, comma"'] },
  { name: 'empty', headers: ['x-amz-meta-a', '', 'x-amz-meta-b', 'after'] },
  {
    name: 'spaces',
    headers: ['x-amz-meta-a', 'two  spaces', 'x-amz-meta-b', '  outer  ', 'x-amz-meta-c', 'tab\there'],
  },
  { name: 'case', headers: ['X-AMZ-META-Shout', 'A', 'x-amz-meta-camelCase', 'b', 'x-amz-meta-under_score', 'c'] },
  { name: 'long', headers: ['x-amz-meta-a', 'x'.repeat(1900)] },
  { name: 'many', headers: Array.from({ length: 60 }, (_, index) => [meta(index), String(index)]).flat() },
  { name: 'symbols', headers: ['x-amz-meta-a', '<&>\'"%20;:=?@[]{}|\\^`~#'] },
  { name: 'type', headers: ['Content-Type', 'Application/X-Odd; Charset="UTF-8"; q=1'] },
  { name: 'no-store', headers: ['Cache-Control', 'no-store'] },
  { name: 'private', headers: ['Cache-Control', 'private, max-age=0, must-revalidate'] },
  { name: 'expired', headers: ['Expires', 'Thu, 01 Jan 1970 00:00:00 GMT'] },
  { name: 'garbage-expires', headers: ['Expires', '0'] },
  { name: 'disposition', headers: ['Content-Disposition', `attachment; filename*=UTF-8''na%C3%AFve.txt`] },
  { name: 'language', headers: ['Content-Language', 'mi, en'] },
  { name: 'redirect', headers: ['x-amz-website-redirect-location', '/elsewhere'] },
  { name: 'class', headers: ['x-amz-storage-class', 'REDUCED_REDUNDANCY'] },
  { name: 'tags', headers: ['x-amz-tagging', 'colour=blue&size=10'] },
  {
    name: 'gzip',
    headers: ['Content-Encoding', 'gzip', 'Content-Type', 'text/plain'],
    body: gzipSync('x'.repeat(50_000)),
  },
  { name: 'two-encodings', headers: ['Content-Encoding', 'aws-chunked,gzip'], body: gzipSync('y'.repeat(50_000)) },
  { name: 'br', headers: ['Content-Encoding', 'br'] },
]

/** What is stored with an object, byte for byte. */
export const metadataTable: ReadTable = {
  name: 'metadata',
  async prepare(world) {
    for (const { name, headers, body = bytesOf(1000, 6) } of objects) {
      await tell(world, { method: 'PUT', target: `/public/meta-${name}`, auth: 'anonymous', headers, body })
    }
  },
  cases: readCases({ answeredBy: 'cache' }, [
    ...objects.flatMap(({ name }): Row[] => {
      const target = `/public/meta-${name}`
      return [
        { name: `GET ${name}`, target },
        { name: `HEAD ${name}`, target, method: 'HEAD' },
        { name: `GET range ${name}`, target, headers: ['Range', 'bytes=50-150'], states: briefly },
        {
          name: `GET not modified ${name}`,
          target,
          headers: ['If-None-Match', '{etag}'],
          answeredBy: 'network',
          states: briefly,
        },
      ]
    }),
    { name: 'GET gzip, Accept-Encoding: gzip', target: '/public/meta-gzip', headers: ['Accept-Encoding', 'gzip'] },
    {
      name: 'GET gzip, Accept-Encoding: identity',
      target: '/public/meta-gzip',
      headers: ['Accept-Encoding', 'identity'],
    },
    { name: 'GET plain, Accept-Encoding: gzip', target: '/public/meta-nothing', headers: ['Accept-Encoding', 'gzip'] },
  ]),
}
