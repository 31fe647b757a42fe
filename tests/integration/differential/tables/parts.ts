import { createHash } from 'node:crypto'
import { bytesOf, textHeaders } from '../harness/fixtures.ts'
import { type MultipartOptions, uploadParts } from '../harness/multipart.ts'
import { type Row, readCases } from '../harness/read-case.ts'
import type { ReadTable } from '../harness/read-table.ts'

const partBytes = 5 * 1024 * 1024
const target = '/plain/parts'
const one = '/plain/one-part'

function inParts(path: string, parts: readonly Uint8Array[]): MultipartOptions {
  return {
    target: path,
    headers: [...textHeaders, 'x-amz-checksum-algorithm', 'SHA256'],
    parts,
    partHeaders: (index) => ['x-amz-checksum-sha256', sumOf(parts[index])],
    partElement: (index) => `<ChecksumSHA256>${sumOf(parts[index])}</ChecksumSHA256>`,
  }
}

function sumOf(part: Uint8Array = bytesOf(0)): string {
  return createHash('sha256').update(part).digest('base64')
}

/** The first read of a part finds out where it lies. */
const learnt = { answeredBy: 'cache', learns: true } as const

/** Reads by part number, of objects in parts and in one piece, and plain reads of the former. */
export const partTable: ReadTable = {
  name: 'parts',
  async prepare(world) {
    await uploadParts(world, inParts(target, [bytesOf(partBytes), bytesOf(1000, 2)]))
    await uploadParts(world, inParts(one, [bytesOf(1000, 3)]))
  },
  cases: readCases({ target, answeredBy: 'store' }, [
    ...['1', '2', '3'].flatMap((number): Row[] => [
      { name: `GET part ${number} of 2`, target: `${target}?partNumber=${number}`, ...learnt },
      { name: `HEAD part ${number} of 2`, target: `${target}?partNumber=${number}`, method: 'HEAD' },
    ]),
    ...['1', '2', '0', '-1', 'two', '10001', '01', '', '2.0'].flatMap((number) =>
      [one, '/plain/text'].flatMap((path): Row[] => [
        {
          name: `GET part ${number} of ${path}`,
          target: `${path}?partNumber=${number}`,
          ...(number === '1' ? learnt : {}),
        },
        { name: `HEAD part ${number} of ${path}`, target: `${path}?partNumber=${number}`, method: 'HEAD' },
      ]),
    ),
    { name: 'GET part 2, Range', target: `${target}?partNumber=2`, headers: ['Range', 'bytes=0-9'] },
    { name: 'HEAD part 2, Range', target: `${target}?partNumber=2`, headers: ['Range', 'bytes=0-9'], method: 'HEAD' },
    { name: 'GET part 1, presigned', target: `${one}?partNumber=1`, auth: 'presigned-v4', ...learnt },
    ...['{etag}', '"other"'].map(
      (tag): Row => ({
        name: `GET part 1, If-None-Match: ${tag}`,
        target: `${one}?partNumber=1`,
        headers: ['If-None-Match', tag],
        ...learnt,
        answeredBy: 'network',
      }),
    ),
    { name: 'GET part 1, If-Match: other', target: `${one}?partNumber=1`, headers: ['If-Match', '"other"'] },
    {
      name: 'GET part 2, If-Match',
      target: `${target}?partNumber=2`,
      headers: ['If-Match', '{etag}'],
      ...learnt,
    },
    {
      name: 'GET part 2, override',
      target: `${target}?partNumber=2&response-content-type=text%2Fx-override`,
      ...learnt,
    },
    { name: 'GET part 1 of nothing', target: '/plain/no-such-key?partNumber=1', object: '/plain/text' },
    { name: 'GET two part numbers', target: '/public/text?partNumber=1&partNumber=2', auth: 'anonymous' },
    {
      name: 'GET part 2, checksums',
      target: `${target}?partNumber=2`,
      headers: ['x-amz-checksum-mode', 'ENABLED'],
      ...learnt,
    },
    { name: 'HEAD whole', method: 'HEAD', answeredBy: 'cache' },
    { name: 'GET whole', answeredBy: 'cache' },
    {
      name: 'GET over the border',
      headers: ['Range', `bytes=${partBytes - 10}-${partBytes + 9}`],
      answeredBy: 'cache',
    },
    { name: 'GET last', headers: ['Range', 'bytes=-1000'], answeredBy: 'cache' },
  ]),
}
