import { type Row, readCases } from '../harness/read-case.ts'
import type { ReadTable } from '../harness/read-table.ts'

const range = (name: string, value = 'bytes=50-150'): readonly string[] => [name, value]

/** One request, spelt in many ways, and fields that no answer depends on. */
export const spellingTable: ReadTable = {
  name: 'spellings',
  prepare: async () => undefined,
  cases: readCases({ target: '/plain/text', answeredBy: 'cache' }, [
    ...['range', 'RANGE', 'rAnGe'].map((name): Row => ({ name: `GET ${name}`, headers: range(name) })),
    { name: 'GET Range in white space', headers: range('Range', ' \t bytes=50-150 \t ') },
    {
      name: 'GET Range twice',
      headers: [...range('Range'), ...range('Range', 'bytes=0-1')],
      unsigned: ['range'],
      answeredBy: 'store',
    },
    { name: 'GET if-none-match', headers: ['if-none-match', '{etag}'], answeredBy: 'network' },
    { name: 'GET IF-NONE-MATCH in white space', headers: ['IF-NONE-MATCH', '  {etag}\t'], answeredBy: 'network' },
    ...['MINIO.TEST', 'minio.test:443', 'Minio.Test:443'].map((host): Row => ({ name: `GET Host: ${host}`, host })),
    ...['plain.minio.test', 'PLAIN.minio.test', 'plain.MINIO.test:443'].flatMap((host): Row[] => [
      { name: `GET Host: ${host}`, host, target: '/text', object: '/plain/text' },
      { name: `HEAD Host: ${host}`, host, target: '/text', object: '/plain/text', method: 'HEAD' },
      { name: `GET Host: ${host}, missing`, host, target: '/missing', answeredBy: 'store' },
      { name: `GET Host: ${host}, list`, host, target: '/?list-type=2', answeredBy: 'store' },
    ]),
    { name: 'GET virtual-hosted v2', host: 'plain.minio.test', target: '/text', object: '/plain/text', auth: 'v2' },
    {
      name: 'GET virtual-hosted presigned',
      host: 'plain.minio.test',
      target: '/text',
      object: '/plain/text',
      auth: 'presigned-v4',
    },
    {
      name: 'GET virtual-hosted presigned v2',
      host: 'plain.minio.test',
      target: '/text',
      object: '/plain/text',
      auth: 'presigned-v2',
    },
    { name: 'GET virtual-hosted missing bucket', host: 'missing.minio.test', target: '/text', answeredBy: 'store' },
    { name: 'GET absolute-form', form: 'absolute' },
    { name: 'HEAD absolute-form', form: 'absolute', method: 'HEAD' },
    {
      name: 'GET absolute-form virtual-hosted',
      form: 'absolute',
      host: 'plain.minio.test',
      target: '/text',
      object: '/plain/text',
    },
    { name: 'GET absolute-form presigned', form: 'absolute', auth: 'presigned-v4' },
    { name: 'GET absolute-form missing', form: 'absolute', target: '/plain/missing', answeredBy: 'store' },
    ...[
      ['Accept', '*/*'],
      ['Accept-Encoding', 'gzip, br'],
      ['Accept-Encoding', 'identity'],
      ['User-Agent', 'aws-sdk-js/3.0.0 ua/2.1 os/linux'],
      ['amz-sdk-invocation-id', '5f0c6c1e-0000-4000-8000-000000000000'],
      ['amz-sdk-request', 'attempt=1; max=3'],
      ['Referer', 'http://example.com/?a=b'],
      ['Cookie', 'a=b'],
      ['Content-Type', 'application/octet-stream'],
      ['Content-Length', '0'],
      ['X-Forwarded-For', '10.0.0.1'],
      ['Via', '1.1 another'],
      ['Upgrade-Insecure-Requests', '1'],
      ['Cache-Control', 'max-age=3600'],
    ].map((headers): Row => ({ name: `GET ${headers.join(': ')}`, headers })),
    {
      name: 'GET Connection and TE unsigned',
      headers: ['TE', 'trailers', 'Connection', 'TE'],
      unsigned: ['te', 'connection'],
    },
    ...[
      ['Cache-Control', 'no-cache'],
      ['Cache-Control', 'max-age=0'],
      ['Pragma', 'no-cache'],
      ['Origin', 'https://example.com'],
    ].flatMap((headers): Row[] => [
      { name: `GET ${headers.join(': ')}`, headers, answeredBy: 'asked' },
      { name: `HEAD ${headers.join(': ')}`, headers, method: 'HEAD', answeredBy: 'store' },
      { name: `GET ${headers.join(': ')}, range`, headers: [...headers, ...range('Range')], answeredBy: 'asked' },
    ]),
    { name: 'GET Cache-Control: no-store', headers: ['Cache-Control', 'no-store'], answeredBy: 'store' },
    {
      name: 'GET missing, Origin',
      target: '/plain/missing',
      headers: ['Origin', 'https://example.com'],
      answeredBy: 'store',
    },
    { name: 'GET with a body', body: Buffer.from('body'), answeredBy: 'store' },
  ]),
}
