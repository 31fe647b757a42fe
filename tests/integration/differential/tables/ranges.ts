import { bytesOf, textHeaders } from '../harness/fixtures.ts'
import { type ReadCase, readCases } from '../harness/read-case.ts'
import type { ReadTable } from '../harness/read-table.ts'
import { tell } from '../harness/store-client.ts'

type Row = readonly [value: string, answeredBy: ReadCase['answeredBy']]

/** Of 1,000 bytes; the states of the cache are about bytes 100 to 399. */
const satisfiable: readonly Row[] = [
  'bytes=0-0',
  'bytes=0-99',
  'bytes=100-399',
  'bytes=200-300',
  'bytes=50-150',
  'bytes=300-700',
  'bytes=50-700',
  'bytes=0-999',
  'bytes=0-1000',
  'bytes=500-99999',
  'bytes=0-9223372036854775807',
  'bytes=999-999',
  'bytes=999-',
  'bytes=100-',
  'bytes=0-',
  'bytes=-1',
  'bytes=-700',
  'bytes=-1000',
  'bytes=-5000',
  'bytes=00-01',
].map((value) => [value, 'cache'])

const unsatisfiable: readonly Row[] = [
  'bytes=1000-',
  'bytes=1000-1001',
  'bytes=5000-6000',
  'bytes=-0',
  'bytes=9007199254740993-',
].map((value) => [value, 'store'])

/** Stores differ on these, so the store is asked. */
const odd: readonly Row[] = [
  'Bytes=0-1',
  'bytes=0-18446744073709551616',
  'bytes=5-3',
  'bytes=0-1,5-6',
  'bytes=0-1, 5-6',
  'bytes=0-1,',
  'bytes=,0-1',
  'bytes=',
  'bytes=-',
  'bytes=a-b',
  'bytes=1-b',
  'bytes=1--2',
  'bytes 0-1',
  'octets=0-1',
  'bytes= 0-1',
  'bytes=0 - 1',
  'bytes=+0-1',
  'bytes=0x1-2',
  'bytes=0-1;q=1',
  'bytes=0-1.5',
  'bytes=18446744073709551615-',
  'bytes=-18446744073709551616',
  '0-1',
  'none',
  '',
].map((value) => [value, 'store'])

const all = [...satisfiable, ...unsatisfiable, ...odd]

/** A Range that is not signed may be widened to pages. */
const modes = ['s3', 'network', 'pages'] as const

/** How a Range can come: SDKs sign it, others do not, and it matters to what a proxy may change. */
const ways: Readonly<Record<string, Partial<ReadCase>>> = {
  unsigned: { unsigned: ['range'], modes },
  presigned: { auth: 'presigned-v4', unsigned: ['range'], states: ['cold', 'whole', 'part'], modes },
  'presigned v2': { auth: 'presigned-v2', states: ['cold', 'whole', 'part'], modes },
  anonymous: { target: '/public/text', auth: 'anonymous', states: ['cold', 'whole', 'part'], modes },
}

function row(prefix: string, [value, answeredBy]: Row, more: Partial<ReadCase> = {}) {
  return { name: `${prefix}, Range: ${value}`, headers: ['Range', value], answeredBy, ...more }
}

const smallObjects: readonly Row[] = [
  ['bytes=0-0', 'cache'],
  ['bytes=0-', 'cache'],
  ['bytes=-1', 'cache'],
  ['bytes=-5', 'cache'],
  ['bytes=0-5', 'cache'],
  ['bytes=1-', 'store'],
  ['bytes=1-1', 'store'],
  ['bytes=-0', 'store'],
]

const mebibyte = 1024 * 1024
const largeObject: readonly Row[] = [
  `bytes=0-${mebibyte - 1}`,
  `bytes=${mebibyte}-`,
  `bytes=0-${2 * mebibyte}`,
  'bytes=65535-65536',
  'bytes=300-100000',
  'bytes=-100000',
].map((value) => [value, 'cache'])

/** Ranges: who can answer what, and that malformed and multiple ones are the store's business. */
export const rangeTable: ReadTable = {
  name: 'ranges',
  async prepare(world) {
    const put = (target: string, body: Uint8Array, headers: readonly string[] = []) =>
      tell(world, { method: 'PUT', target, body, headers })
    await put('/plain/empty', bytesOf(0), textHeaders)
    await put('/plain/one', bytesOf(1))
    await put('/plain/large', bytesOf(2 * mebibyte + 13))
  },
  cases: readCases({ target: '/plain/text', answeredBy: 'cache' }, [
    { name: 'whole, GET' },
    { name: 'whole, HEAD', method: 'HEAD' },
    ...all.map((each) => row('GET', each)),
    ...all.map((each) => row('HEAD', each, { method: 'HEAD' })),
    ...Object.entries(ways).flatMap(([way, more]) =>
      [...satisfiable, ...unsatisfiable].map((each) => row(`GET ${way}`, each, more)),
    ),
    { name: 'empty object, GET', target: '/plain/empty' },
    { name: 'empty object, HEAD', target: '/plain/empty', method: 'HEAD' },
    ...smallObjects.flatMap(([value]) => [
      row('empty object, GET', [value, 'store'], { target: '/plain/empty' }),
      row('empty object, HEAD', [value, 'store'], { target: '/plain/empty', method: 'HEAD' }),
    ]),
    ...smallObjects.map((each) => row('one byte, GET', each, { target: '/plain/one' })),
    { name: 'large object, GET', target: '/plain/large' },
    ...largeObject.map((each) => row('large object, GET', each, { target: '/plain/large' })),
    ...largeObject.map((each) =>
      row('large object, GET unsigned', each, { target: '/plain/large', unsigned: ['range'], modes }),
    ),
  ]),
}
