import { briefly, type ReadCase, readCases } from '../harness/read-case.ts'
import type { ReadTable } from '../harness/read-table.ts'

const past = 'Sat, 01 Jan 2000 00:00:00 GMT'
const future = 'Fri, 01 Jan 2100 00:00:00 GMT'
const other = '"0123456789abcdef0123456789abcdef"'

/** Entity tags as clients write them, and lists of them; and whether the object has one of them (strongly, weakly). */
const tags: readonly (readonly [value: string, match: 'strong' | 'weak' | 'none' | 'unclear'])[] = [
  ['{etag}', 'strong'],
  ['{opaque}', 'strong'],
  ['W/{etag}', 'weak'],
  [other, 'none'],
  [`W/${other}`, 'none'],
  ['*', 'strong'],
  ['"*"', 'none'],
  [`${other}, {etag}`, 'strong'],
  [`{etag}, ${other}`, 'strong'],
  [`${other},{etag}`, 'strong'],
  [`${other}, W/{etag}`, 'weak'],
  [`${other}, "another"`, 'none'],
  ['{etag},', 'strong'],
  ['"{opaque}', 'unclear'],
  ['""', 'none'],
  ['', 'unclear'],
]

const dates = [
  past,
  '{date-1}',
  '{date}',
  '{date+1}',
  future,
  '{date-rfc850}',
  '{date-asctime}',
  'yesterday',
  '2026-01-01T00:00:00Z',
  '1767225600',
  '',
] as const

type Fields = readonly string[]
type Row = readonly [fields: Fields, answeredBy: ReadCase['answeredBy']]

function named(prefix: string, [fields, answeredBy]: Row, more: Partial<ReadCase> = {}) {
  const text: string[] = []
  for (let i = 0; i + 1 < fields.length; i += 2) text.push(`${fields[i]}: ${fields[i + 1]}`)
  return { name: `${prefix}, ${text.join(', ')}`, headers: fields, answeredBy, ...more }
}

/** In `s3` mode only one tag, or any, can be left to the store together with a condition of the proxy's own. */
function byIfMatch(value: string, match: string): ReadCase['answeredBy'] {
  if (match !== 'strong') return 'store'
  return value.includes(',') ? 'network' : 'cache'
}

const single: readonly Row[] = [
  ...tags.map(([value, match]): Row => [['If-Match', value], byIfMatch(value, match)]),
  ...tags.map(([value, match]): Row => [['If-None-Match', value], match === 'unclear' ? 'store' : 'network']),
  ...dates.map((value): Row => [['If-Modified-Since', value], 'network']),
  ...dates.map((value): Row => [['If-Unmodified-Since', value], 'network']),
  [['If-None-Match', other, 'If-None-Match', '{etag}'], 'store'],
  [['If-Match', other, 'If-Match', '{etag}'], 'store'],
]

/** Each of the four absent, false or true: RFC 9110 section 13.2.2 says which count. */
const combined: readonly Row[] = ['', other, '{etag}'].flatMap((ifMatch) =>
  ['', past, future].flatMap((ifUnmodifiedSince) =>
    ['', other, '{etag}'].flatMap((ifNoneMatch) =>
      ['', past, '{date}'].flatMap((ifModifiedSince) => {
        const fields = [
          ...(ifMatch === '' ? [] : ['If-Match', ifMatch]),
          ...(ifUnmodifiedSince === '' ? [] : ['If-Unmodified-Since', ifUnmodifiedSince]),
          ...(ifNoneMatch === '' ? [] : ['If-None-Match', ifNoneMatch]),
          ...(ifModifiedSince === '' ? [] : ['If-Modified-Since', ifModifiedSince]),
        ]
        const fails = ifMatch === other || (ifMatch === '' && ifUnmodifiedSince === past)
        return fields.length > 2 ? [[fields, fails ? 'store' : 'network'] satisfies Row] : []
      }),
    ),
  ),
)

const ifRangeValues = [...tags.map(([value]) => value), '{date-1}', '{date}', '{date+1}', '{date-rfc850}', past, future]

const ifRange = [...ifRangeValues, 'yesterday'].map(
  (value): Row => [['Range', 'bytes=50-150', 'If-Range', value], 'network'],
)

const withRange: readonly Row[] = [
  [['If-Match', '{etag}', 'Range', 'bytes=50-150'], 'cache'],
  [['If-Match', other, 'Range', 'bytes=50-150'], 'store'],
  [['If-Match', other, 'Range', 'bytes=5000-'], 'store'],
  [['If-Match', '{etag}', 'Range', 'bytes=5000-'], 'store'],
  [['If-None-Match', '{etag}', 'Range', 'bytes=50-150'], 'network'],
  [['If-None-Match', '{etag}', 'Range', 'bytes=5000-'], 'network'],
  [['If-None-Match', other, 'Range', 'bytes=50-150'], 'network'],
  [['If-Modified-Since', '{date}', 'Range', 'bytes=50-150'], 'network'],
  [['If-Modified-Since', past, 'Range', 'bytes=50-150'], 'network'],
  [['If-Unmodified-Since', '{date}', 'Range', 'bytes=50-150'], 'network'],
  [['If-Unmodified-Since', past, 'Range', 'bytes=50-150'], 'store'],
  [['If-Range', '{etag}'], 'network'],
  [['If-Range', other], 'network'],
]

const presigned = { auth: 'presigned-v4' } as const
const missing = { target: '/plain/missing' }

/** Conditional requests, alone and combined. */
export const conditionTable: ReadTable = {
  name: 'conditions',
  prepare: async () => undefined,
  cases: readCases({ target: '/plain/text', answeredBy: 'network' }, [
    ...single.map((row) => named('GET', row)),
    ...single.map((row) => named('HEAD', row, { method: 'HEAD' })),
    ...combined.map((row) => named('GET', row, { states: briefly })),
    ...ifRange.map((row) => named('GET', row)),
    ...withRange.map((row) => named('GET', row)),
    ...withRange.map((row) => named('HEAD', row, { method: 'HEAD' })),
    named('GET presigned', [['If-None-Match', '{etag}'], 'network'], { ...presigned, unsigned: ['if-none-match'] }),
    named('GET presigned', [['If-Match', other], 'store'], { ...presigned, unsigned: ['if-match'] }),
    named('GET missing key', [['If-Match', '*'], 'store'], missing),
    named('GET missing key', [['If-Match', other], 'store'], missing),
    named('GET missing key', [['If-None-Match', '*'], 'store'], missing),
    named('GET missing key', [['If-Modified-Since', past], 'store'], missing),
  ]),
}
