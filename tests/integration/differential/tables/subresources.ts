import { bytesOf } from '../harness/fixtures.ts'
import { type Row, readCases } from '../harness/read-case.ts'
import type { ReadTable } from '../harness/read-table.ts'
import { elementText, tell } from '../harness/store-client.ts'

const listed = ['a', 'a%20b', 'a%26b', 'd/one', 'd/two', 'e/f', 'j%C3%A9', 'nfd-e%CC%81', 'new%0Aline', 'z%25'] as const

const ofObject = [
  'acl',
  'acl=',
  'tagging',
  'attributes',
  'retention',
  'legal-hold',
  'torrent',
  'uploads',
  'uploadId={upload}',
  'uploadId={upload}&max-parts=1',
  'uploadId=nothing',
  'restore',
  'select&select-type=2',
  'versionId=null&tagging',
  'lambdaArn=arn:x',
]

const ofBucket = [
  '',
  'location',
  'versioning',
  'versions',
  'versions&prefix=d/&max-keys=1',
  'uploads',
  'uploads&prefix=a&encoding-type=url',
  'list-type=2',
  'list-type=2&prefix=d%2F',
  'list-type=2&delimiter=%2F',
  'list-type=2&encoding-type=url',
  'list-type=2&encoding-type=url&prefix=a%20',
  'list-type=2&start-after=d%2Fone&fetch-owner=true',
  'list-type=2&max-keys=2',
  'list-type=2&max-keys=0',
  'list-type=2&max-keys=many',
  'list-type=2&continuation-token=',
  'list-type=2&continuation-token=bm9uc2Vuc2U%3D',
  'list-type=3',
  'prefix=d/&delimiter=/&marker=d/one',
  'encoding-type=url&max-keys=3',
  'encoding-type=nothing',
  'policy',
  'policyStatus',
  'acl',
  'cors',
  'lifecycle',
  'encryption',
  'object-lock',
  'replication',
  'tagging',
  'notification',
  'website',
  'logging',
  'accelerate',
  'requestPayment',
  'ownershipControls',
  'publicAccessBlock',
  'inventory',
  'metrics',
  'analytics',
  'intelligent-tiering',
]

const lock = '/locked/text'

/** Everything that is not the object itself: always the store's answer, whatever is held of the key. */
export const subresourceTable: ReadTable = {
  name: 'sub-resources',
  async prepare(world, variables) {
    await tell(world, { method: 'PUT', target: '/lists' })
    for (const key of listed) await tell(world, { method: 'PUT', target: `/lists/${key}`, body: bytesOf(10) })
    const body = Buffer.from('<Tagging><TagSet><Tag><Key>colour</Key><Value>blue</Value></Tag></TagSet></Tagging>')
    await tell(world, { method: 'PUT', target: '/lists/a?tagging', body })
    const begun = await tell(world, { method: 'POST', target: '/lists/a?uploads' })
    const upload = elementText(begun.body, 'UploadId')
    variables.set('upload', upload)
    await tell(world, {
      method: 'PUT',
      target: `/lists/a?partNumber=1&uploadId=${upload}`,
      body: bytesOf(10),
    })
    await tell(world, { method: 'PUT', target: '/locked', headers: ['x-amz-bucket-object-lock-enabled', 'true'] })
    await tell(world, {
      method: 'PUT',
      target: lock,
      body: bytesOf(1000),
      headers: [
        'x-amz-object-lock-mode',
        'GOVERNANCE',
        'x-amz-object-lock-retain-until-date',
        '2100-01-01T00:00:00Z',
        'x-amz-object-lock-legal-hold',
        'ON',
      ],
    })
  },
  cases: readCases({ target: '/lists/a', answeredBy: 'store' }, [
    ...ofObject.flatMap((query): Row[] => [
      { name: `GET object?${query}`, target: `/lists/a?${query}` },
      { name: `HEAD object?${query}`, target: `/lists/a?${query}`, method: 'HEAD' },
    ]),
    ...ofBucket.map((query): Row => ({ name: `GET bucket?${query}`, target: `/lists?${query}` })),
    ...ofBucket.slice(0, 12).map((query): Row => ({ name: `GET bucket/?${query}`, target: `/lists/?${query}` })),
    { name: 'HEAD bucket', target: '/lists', method: 'HEAD' },
    { name: 'HEAD bucket/', target: '/lists/', method: 'HEAD' },
    { name: 'HEAD missing bucket', target: '/no-such-bucket', method: 'HEAD' },
    { name: 'GET missing bucket', target: '/no-such-bucket?list-type=2' },
    { name: 'GET bucket anonymous', target: '/lists?list-type=2', auth: 'anonymous' },
    { name: 'GET public bucket anonymous', target: '/public?list-type=2&prefix=text', auth: 'anonymous' },
    { name: 'GET bucket presigned', target: '/lists?list-type=2', auth: 'presigned-v4' },
    { name: 'GET attributes', target: '/lists/a?attributes', headers: ['x-amz-object-attributes', 'ETag,ObjectSize'] },
    { name: 'GET service', target: '/' },
    { name: 'GET service anonymous', target: '/', auth: 'anonymous' },
    { name: 'HEAD service', target: '/', method: 'HEAD' },
    { name: 'GET locked', target: lock, answeredBy: 'cache' },
    { name: 'HEAD locked', target: lock, method: 'HEAD', answeredBy: 'cache' },
    { name: 'GET locked?retention', target: `${lock}?retention` },
    { name: 'GET locked?legal-hold', target: `${lock}?legal-hold` },
    { name: 'GET bucket?object-lock of a locked one', target: '/locked?object-lock' },
    {
      name: 'OPTIONS object, preflight',
      method: 'OPTIONS',
      auth: 'anonymous',
      headers: ['Origin', 'https://example.com', 'Access-Control-Request-Method', 'GET'],
    },
    { name: 'OPTIONS object', method: 'OPTIONS', auth: 'anonymous' },
    { name: 'PATCH object', method: 'PATCH' },
    { name: 'TRACE object', method: 'TRACE', auth: 'anonymous' },
    { name: 'PROPFIND object', method: 'PROPFIND' },
  ]),
}
