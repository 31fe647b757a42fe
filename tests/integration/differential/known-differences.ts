import type { KnownDifference } from './harness/known-difference.ts'
import type { Probe } from './harness/probe.ts'
import type { Mode } from './harness/proxy.ts'
import type { State } from './harness/read-case.ts'
import { trustedWays } from './tables/authorisation.ts'

/** Differences with one reason and one form. */
interface Group {
  readonly table: string
  readonly reason: string
  /** The status of the store's own answer. */
  readonly store: number
  /** Default: `network`. */
  readonly mode?: Mode
  /** Where the proxy differs; in all others it answers as the store does. */
  readonly states: readonly State[]
  /** What to change for the store to answer as the proxy does. */
  readonly with: Partial<Probe>
  readonly names: readonly string[]
}

const other = '"0123456789abcdef0123456789abcdef"'
const past = 'Sat, 01 Jan 2000 00:00:00 GMT'
const future = 'Fri, 01 Jan 2100 00:00:00 GMT'

/** Where the cache has all that a GET needs, unless the same GET brings it. */
const bytesHeld: readonly State[] = ['whole', 'disk']
/** Where the cache knows the object. */
const headKnown: readonly State[] = ['whole', 'disk', 'part', 'head']

const matchingLists = [`${other}, {etag}`, `{etag}, ${other}`, `${other},{etag}`, '{etag},']
const weakLists = ['W/{etag}', `${other}, W/{etag}`]
const plainText = { host: 'minio.test', target: '/plain/text' }
const notModified = { headers: ['If-None-Match', '{etag}'] }

/** A public object refuses only what is signed wrongly. */
const signedWays = trustedWays.filter((auth) => auth !== 'anonymous')

const groups: readonly Group[] = [
  {
    table: 'conditions',
    reason: 'MinIO compares If-Match as one tag; RFC 9110 section 13.1.1 takes a list',
    store: 412,
    states: bytesHeld,
    with: { headers: [] },
    names: [...matchingLists.map((value) => `GET, If-Match: ${value}`)],
  },
  {
    table: 'conditions',
    reason: 'the same for HEAD',
    store: 412,
    states: headKnown,
    with: { headers: [] },
    names: [...matchingLists.map((value) => `HEAD, If-Match: ${value}`)],
  },
  {
    table: 'conditions',
    reason: 'MinIO compares If-None-Match as one tag, strongly; RFC 9110 section 13.1.2 takes a list, compared weakly',
    store: 200,
    states: ['again', ...headKnown],
    with: notModified,
    names: ['GET', 'HEAD'].flatMap((method) => [
      ...[...matchingLists, ...weakLists].map((value) => `${method}, If-None-Match: ${value}`),
    ]),
  },
  {
    table: 'conditions',
    reason: 'MinIO reads only one form of dates; RFC 9110 section 5.6.7 has three',
    store: 200,
    states: ['again', ...headKnown],
    with: notModified,
    names: ['GET', 'HEAD'].flatMap((method) => [
      `${method}, If-Modified-Since: {date-rfc850}`,
      `${method}, If-Modified-Since: {date-asctime}`,
    ]),
  },
  {
    table: 'conditions',
    reason: 'MinIO judges If-Modified-Since beside If-None-Match; RFC 9110 section 13.1.3 ignores it then',
    store: 304,
    states: bytesHeld,
    with: { headers: [] },
    names: ['', 'If-Match: {etag}, ']
      .flatMap((ifMatch) => ['', `If-Unmodified-Since: ${future}, `].map((unmodified) => ifMatch + unmodified))
      .concat(`If-Match: {etag}, If-Unmodified-Since: ${past}, `)
      .map((before) => `GET, ${before}If-None-Match: ${other}, If-Modified-Since: {date}`),
  },
  {
    table: 'conditions',
    reason: 'MinIO does not know If-Range; RFC 9110 section 13.1.5 wants the whole object when it is false',
    store: 206,
    states: bytesHeld,
    with: { headers: [] },
    names: [
      'W/{etag}',
      other,
      `W/${other}`,
      '*',
      '"*"',
      ...matchingLists,
      `${other}, W/{etag}`,
      `${other}, "another"`,
      '"{opaque}',
      '""',
      '',
      '{date-1}',
      '{date+1}',
      past,
      future,
      'yesterday',
    ].map((value) => `GET, Range: bytes=50-150, If-Range: ${value}`),
  },
  {
    table: 'authorisation',
    reason: 'in network mode whoever reaches the proxy may read what it holds: it cannot check a signature',
    store: 403,
    states: bytesHeld,
    with: { auth: 'v4' },
    names: [
      ...trustedWays.map((auth) => `GET private object, ${auth}`),
      ...signedWays.map((auth) => `GET public object, ${auth}`),
      'GET range, wrong-secret-v4',
      'GET overrides, wrong-secret-v4',
    ],
  },
  {
    table: 'authorisation',
    reason: 'the same, where no bytes are needed',
    store: 403,
    states: headKnown,
    with: { auth: 'v4' },
    names: [
      ...trustedWays.map((auth) => `HEAD private object, ${auth}`),
      ...signedWays.map((auth) => `HEAD public object, ${auth}`),
      'GET not modified, wrong-secret-v4',
    ],
  },
  {
    table: 'spellings',
    reason: 'MinIO minds the case of a bucket in Host; RFC 9110 section 4.2.3 does not',
    store: 400,
    states: bytesHeld,
    with: plainText,
    names: ['GET Host: PLAIN.minio.test'],
  },
  {
    table: 'spellings',
    reason: 'the same for HEAD',
    store: 400,
    states: headKnown,
    with: plainText,
    names: ['HEAD Host: PLAIN.minio.test'],
  },
  {
    table: 'spellings',
    reason: 'MinIO minds the case of its domain in Host and takes the path for a bucket',
    store: 404,
    states: bytesHeld,
    with: plainText,
    names: ['GET Host: plain.MINIO.test:443'],
  },
  {
    table: 'spellings',
    reason: 'the same for HEAD',
    store: 404,
    states: headKnown,
    with: plainText,
    names: ['HEAD Host: plain.MINIO.test:443'],
  },
]

/** Cases in which the proxy rightly differs from the store, by table and name. */
export const knownDifferences: ReadonlyMap<string, KnownDifference> = new Map(
  groups.flatMap(({ table, names, states, mode = 'network', store, reason, with: changes }) =>
    names.map((name) => [
      `${table}: ${name}`,
      { store, reason, with: changes, where: (m: Mode, state: State) => m === mode && states.includes(state) },
    ]),
  ),
)
