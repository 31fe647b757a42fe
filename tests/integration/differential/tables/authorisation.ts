import type { Auth } from '../harness/probe.ts'
import { type ReadCase, type Row, readCases } from '../harness/read-case.ts'
import type { ReadTable } from '../harness/read-table.ts'

/** Each way to ask, and who answers for a private object that is held. */
const ways: Readonly<Record<Auth, ReadCase['answeredBy']>> = {
  v4: 'cache',
  v2: 'cache',
  'presigned-v4': 'cache',
  'presigned-v2': 'cache',
  'expired-v4': 'store',
  'expired-v2': 'store',
  // In `network` mode whoever reaches the proxy may read what it holds.
  anonymous: 'network',
  'wrong-secret-v4': 'network',
  'wrong-secret-v2': 'network',
  'wrong-secret-presigned': 'network',
  'unknown-key-v4': 'network',
  'unknown-key-presigned': 'network',
  'skewed-v4': 'network',
}

/** Ways that the store refuses and the cache, in `network` mode, does not. */
export const trustedWays = (Object.keys(ways) as Auth[]).filter((auth) => ways[auth] === 'network')

const scope = '20260101/us-east-1/s3/aws4_request'
const signature = 'a'.repeat(64)

/** Requests whose proof cannot be read, or is of a kind that is not known. */
const malformed: readonly Row[] = [
  ['no parameters', 'AWS4-HMAC-SHA256'],
  ['garbage', 'AWS4-HMAC-SHA256 garbage'],
  ['no signature', `AWS4-HMAC-SHA256 Credential=AKID/${scope}, SignedHeaders=host`],
  ['no scope', `AWS4-HMAC-SHA256 Credential=AKID, SignedHeaders=host, Signature=${signature}`],
  ['version 2 without a signature', 'AWS AKID'],
  ['basic', 'Basic dXNlcjpwYXNz'],
  ['bearer', 'Bearer abc'],
  ['empty', ''],
].map(([name, value]) => ({ name: `GET ${name}`, headers: ['Authorization', value ?? ''] }))

const presignedQueries: readonly (readonly [name: string, query: string])[] = [
  ['algorithm only', 'X-Amz-Algorithm=AWS4-HMAC-SHA256'],
  ['no signature', `X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKID%2F${scope}`],
  ['unknown algorithm', `X-Amz-Algorithm=AWS4-NONE&X-Amz-Signature=${signature}`],
  ...['0', '-1', '604801', 'soon', ''].map((expires): readonly [string, string] => [
    `expiry ${expires}`,
    `X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKID%2F${encodeURIComponent(scope)}&X-Amz-Date=20260101T000000Z` +
      `&X-Amz-Expires=${expires}&X-Amz-SignedHeaders=host&X-Amz-Signature=${signature}`,
  ]),
  ['version 2 without a signature', 'AWSAccessKeyId=AKID&Expires=4102444800'],
  ['version 2, expiry soon', 'AWSAccessKeyId=AKID&Expires=soon&Signature=abc'],
]

const places: readonly (readonly [name: string, target: string])[] = [
  ['private object', '/plain/text'],
  ['public object', '/public/text'],
  ['missing key', '/plain/missing'],
  ['missing public key', '/public/missing'],
  ['missing bucket', '/no-such-bucket/key'],
  ['bucket name that cannot be', '/A_b/key'],
]

/** Who may read what: in `s3` mode always the store's decision. */
export const authorisationTable: ReadTable = {
  name: 'authorisation',
  prepare: async () => undefined,
  cases: readCases({ target: '/plain/text', auth: 'anonymous', answeredBy: 'store' }, [
    ...places.flatMap(([place, target]) =>
      (Object.keys(ways) as Auth[]).flatMap((auth): Row[] => {
        const held = place.endsWith(' object')
        const isPublic = place === 'public object'
        const answeredBy = !held ? 'store' : isPublic && auth === 'anonymous' ? 'cache' : ways[auth]
        const row = { target, auth, answeredBy, ...(held ? {} : { states: ['cold', 'again'] as const }) }
        return [
          { name: `GET ${place}, ${auth}`, ...row },
          { name: `HEAD ${place}, ${auth}`, ...row, method: 'HEAD' },
        ]
      }),
    ),
    {
      name: 'GET range, wrong-secret-v4',
      headers: ['Range', 'bytes=50-150'],
      auth: 'wrong-secret-v4',
      answeredBy: 'network',
    },
    {
      name: 'GET not modified, wrong-secret-v4',
      headers: ['If-None-Match', '{etag}'],
      auth: 'wrong-secret-v4',
      answeredBy: 'network',
    },
    {
      name: 'GET overrides, wrong-secret-v4',
      target: '/plain/text?response-content-type=a%2Fb',
      auth: 'wrong-secret-v4',
      answeredBy: 'network',
    },
    ...malformed,
    ...presignedQueries.map(
      ([name, query]): Row => ({ name: `GET presigned, ${name}`, target: `/plain/text?${query}` }),
    ),
    {
      name: 'GET owner expected',
      headers: ['x-amz-expected-bucket-owner', '111122223333'],
      auth: 'v4',
      answeredBy: 'asked',
    },
    { name: 'GET requester pays', headers: ['x-amz-request-payer', 'requester'], auth: 'v4', answeredBy: 'asked' },
  ]),
}
