import { createHash } from 'node:crypto'
import { bytesOf, textHeaders } from '../harness/fixtures.ts'
import { type Row, readCases } from '../harness/read-case.ts'
import type { ReadTable } from '../harness/read-table.ts'
import { tell } from '../harness/store-client.ts'

function customerKey(fill: number): readonly string[] {
  const key = Buffer.alloc(32, fill)
  return [
    'x-amz-server-side-encryption-customer-algorithm',
    'AES256',
    'x-amz-server-side-encryption-customer-key',
    key.toString('base64'),
    'x-amz-server-side-encryption-customer-key-MD5',
    createHash('md5').update(key).digest('base64'),
  ]
}

const rightKey = customerKey(1)
const wrongKey = customerKey(2)
const range = ['Range', 'bytes=50-150']

/** Encrypted objects: with a key of the client, which is the store's business alone, and with the store's own. */
export const encryptionTable: ReadTable = {
  name: 'encryption',
  async prepare(world) {
    const put = (target: string, headers: readonly string[]) =>
      tell(world, { method: 'PUT', target, body: bytesOf(1000), headers: [...textHeaders, ...headers] })
    await put('/plain/sse-c', rightKey)
    await put('/plain/sse-s3', ['x-amz-server-side-encryption', 'AES256'])
  },
  cases: readCases({ target: '/plain/sse-c', answeredBy: 'store' }, [
    ...['GET', 'HEAD'].flatMap((method): Row[] => [
      { name: `${method} SSE-C`, method, headers: rightKey },
      { name: `${method} SSE-C, range`, method, headers: [...rightKey, ...range] },
      { name: `${method} SSE-C, unsatisfiable`, method, headers: [...rightKey, 'Range', 'bytes=1000-'] },
      { name: `${method} SSE-C, wrong key`, method, headers: wrongKey },
      { name: `${method} SSE-C, no key`, method },
      { name: `${method} SSE-C, no key, range`, method, headers: range },
      { name: `${method} SSE-C, algorithm only`, method, headers: rightKey.slice(0, 2) },
      { name: `${method} SSE-C, key only`, method, headers: rightKey.slice(2, 4) },
      { name: `${method} SSE-C, MD5 only`, method, headers: rightKey.slice(4) },
      { name: `${method} SSE-C key for a plain object`, method, target: '/plain/text', headers: rightKey },
      { name: `${method} SSE-C MD5 for a plain object`, method, target: '/plain/text', headers: rightKey.slice(4) },
      { name: `${method} SSE-S3`, method, target: '/plain/sse-s3', answeredBy: 'cache' },
      {
        name: `${method} SSE-S3, range`,
        method,
        target: '/plain/sse-s3',
        headers: range,
        answeredBy: 'cache',
      },
      {
        name: `${method} SSE-S3, encryption asked for`,
        method,
        target: '/plain/sse-s3',
        headers: ['x-amz-server-side-encryption', 'AES256'],
      },
    ]),
    {
      name: 'GET SSE-S3 not modified',
      target: '/plain/sse-s3',
      headers: ['If-None-Match', '{etag}'],
      answeredBy: 'network',
    },
    { name: 'GET SSE-S3 presigned', target: '/plain/sse-s3', auth: 'presigned-v4', answeredBy: 'cache' },
  ]),
}
