import { bytesOf, textHeaders } from '../harness/fixtures.ts'
import { type MultipartOptions, uploadParts } from '../harness/multipart.ts'
import { type Row, readCases } from '../harness/read-case.ts'
import type { ReadTable } from '../harness/read-table.ts'

const partBytes = 5 * 1024 * 1024
const target = '/plain/parts'

/** Reads by part number, of an object in parts and of one in one piece, and plain reads of the former. */
export const partTable: ReadTable = {
  name: 'parts',
  async prepare(world) {
    const options: MultipartOptions = { target, headers: textHeaders, parts: [bytesOf(partBytes), bytesOf(1000, 2)] }
    await uploadParts(world, options)
  },
  cases: readCases({ target, answeredBy: 'store' }, [
    ...['1', '2', '3', '0', '-1', 'two', '10001', '01', '', '2.0'].flatMap((number) =>
      [target, '/plain/text'].flatMap((path): Row[] => [
        { name: `GET part ${number} of ${path}`, target: `${path}?partNumber=${number}` },
        { name: `HEAD part ${number} of ${path}`, target: `${path}?partNumber=${number}`, method: 'HEAD' },
      ]),
    ),
    { name: 'GET part 2, Range', target: `${target}?partNumber=2`, headers: ['Range', 'bytes=0-9'] },
    { name: 'HEAD part 2, Range', target: `${target}?partNumber=2`, headers: ['Range', 'bytes=0-9'], method: 'HEAD' },
    { name: 'GET part 2 presigned', target: `${target}?partNumber=2`, auth: 'presigned-v4' },
    { name: 'GET part 2, If-None-Match', target: `${target}?partNumber=2`, headers: ['If-None-Match', '{etag}'] },
    { name: 'GET part 2, If-Match', target: `${target}?partNumber=2`, headers: ['If-Match', '"other"'] },
    { name: 'GET part 2 twice', target: `${target}?partNumber=2&partNumber=1` },
    { name: 'GET part 2, checksums', target: `${target}?partNumber=2`, headers: ['x-amz-checksum-mode', 'ENABLED'] },
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
