import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { formatArn, parseArn, type S3Arn } from './arn.ts'
import { arnToHost, hostToArn } from './arn-host.ts'
import { parseHost } from './host.ts'

const account = '123456789012'
const inRegion = { partition: 'aws', region: 'us-east-1', account } as const

const examples: readonly (readonly [text: string, arn: S3Arn])[] = [
  ['arn:aws:s3:::photos', { kind: 'bucket', partition: 'aws', bucket: 'photos' }],
  ['arn:aws-cn:s3:::my.photos', { kind: 'bucket', partition: 'aws-cn', bucket: 'my.photos' }],
  ['arn:aws:s3:::photos/a:b/c d', { kind: 'object', partition: 'aws', bucket: 'photos', key: 'a:b/c d' }],
  ['arn:aws:s3:::photos//', { kind: 'object', partition: 'aws', bucket: 'photos', key: '/' }],
  ['arn:aws:s3:us-east-1:123456789012:accesspoint/finance', { kind: 'access-point', ...inRegion, name: 'finance' }],
  [
    'arn:aws:s3:us-east-1:123456789012:accesspoint/finance/object/a/object/b',
    { kind: 'access-point', ...inRegion, name: 'finance', key: 'a/object/b' },
  ],
  [
    'arn:aws-us-gov:s3:us-gov-west-1:123456789012:accesspoint/finance',
    { kind: 'access-point', partition: 'aws-us-gov', region: 'us-gov-west-1', account, name: 'finance' },
  ],
  [
    'arn:aws:s3::123456789012:accesspoint/mfzwi23gnjvgw.mrap',
    { kind: 'multi-region-access-point', partition: 'aws', account, alias: 'mfzwi23gnjvgw' },
  ],
  [
    'arn:aws:s3::123456789012:accesspoint/mfzwi23gnjvgw.mrap/object/k',
    { kind: 'multi-region-access-point', partition: 'aws', account, alias: 'mfzwi23gnjvgw', key: 'k' },
  ],
  [
    'arn:aws:s3-object-lambda:us-east-1:123456789012:accesspoint/resize',
    { kind: 'object-lambda', ...inRegion, name: 'resize' },
  ],
  [
    'arn:aws:s3-outposts:us-east-1:123456789012:outpost/op-01ac/accesspoint/data',
    { kind: 'outposts', ...inRegion, outpost: 'op-01ac', name: 'data' },
  ],
  [
    'arn:aws:s3-outposts:us-east-1:123456789012:outpost/op-01ac/accesspoint/data/object/k',
    { kind: 'outposts', ...inRegion, outpost: 'op-01ac', name: 'data', key: 'k' },
  ],
  [
    'arn:aws:s3express:us-east-1:123456789012:bucket/base--use1-az4--x-s3',
    { kind: 'directory-bucket', ...inRegion, bucket: 'base--use1-az4--x-s3' },
  ],
]

const malformed = [
  '',
  'arn',
  'photos',
  'arn:aws:s3:::',
  'arn:aws:s3:::*',
  'arn:aws:s3:::photos/',
  'arn:aws:s3:::pho tos',
  'arn:aws-mars:s3:::photos',
  'arn:__proto__:s3:::photos',
  'arn:aws:ec2:us-east-1:123456789012:instance/i-1',
  'arn:aws:s3:us-east-1:123456789012:bucket/photos',
  'arn:aws:s3:us-east-1:12345678901:accesspoint/finance',
  'arn:aws:s3:us-east-1::accesspoint/finance',
  'arn:aws:s3:nowhere:123456789012:accesspoint/finance',
  'arn:aws:s3:cn-north-1:123456789012:accesspoint/finance',
  'arn:aws-cn:s3:us-east-1:123456789012:accesspoint/finance',
  'arn:aws:s3:us-east-1:123456789012:accesspoint/',
  'arn:aws:s3:us-east-1:123456789012:accesspoint/*',
  'arn:aws:s3:us-east-1:123456789012:accesspoint/finance/',
  'arn:aws:s3:us-east-1:123456789012:accesspoint/finance/object/',
  'arn:aws:s3::123456789012:accesspoint/finance',
  'arn:aws:s3-outposts:us-east-1:123456789012:outpost/op-01ac',
  'arn:aws:s3-outposts:us-east-1:123456789012:outpost/rack/accesspoint/data',
  'arn:aws:s3-object-lambda:us-east-1:123456789012:accesspoint/resize/object/k',
  'arn:aws:s3express:us-east-1:123456789012:bucket/photos',
  `arn:aws:s3:::photos/${'k'.repeat(3000)}`,
]

const regions = fc.constantFrom(
  { partition: 'aws', region: 'eu-central-1' } as const,
  { partition: 'aws-cn', region: 'cn-north-1' } as const,
  { partition: 'aws-us-gov', region: 'us-gov-east-1' } as const,
  { partition: 'aws-eusc', region: 'eusc-de-east-1' } as const,
  { partition: 'aws-iso', region: 'us-iso-west-1' } as const,
  { partition: 'aws-iso-b', region: 'us-isob-east-1' } as const,
  { partition: 'aws-iso-e', region: 'eu-isoe-west-1' } as const,
  { partition: 'aws-iso-f', region: 'us-isof-east-1' } as const,
)
const owner = fc.record({
  account: fc.stringMatching(/^[0-9]{12}$/),
  name: fc.stringMatching(/^[a-z0-9][a-z0-9-]{1,20}[a-z0-9]$/),
})
const outpost = fc.stringMatching(/^op-[0-9a-f]{4,17}$/)
const bucket = fc.stringMatching(/^[a-z0-9](?:[a-z0-9-]|\.[a-z0-9]){2,20}$/).filter((name) => !name.endsWith('-'))
const key = fc.oneof(fc.string({ minLength: 1 }), fc.constantFrom('/object/', 'a:b', ':', '/'))
const key1 = fc.oneof(fc.constant({}), fc.record({ key }))

const arns: fc.Arbitrary<S3Arn> = fc.oneof(
  fc.tuple(regions, bucket).map(([{ partition }, name]): S3Arn => ({ kind: 'bucket', partition, bucket: name })),
  fc
    .tuple(regions, bucket, key)
    .map(([{ partition }, name, k]): S3Arn => ({ kind: 'object', partition, bucket: name, key: k })),
  fc.tuple(regions, owner, key1).map(([r, o, k]): S3Arn => ({ kind: 'access-point', ...r, ...o, ...k })),
  fc.tuple(regions, owner, key1, fc.stringMatching(/^[a-z0-9]{5,20}$/)).map(
    ([{ partition }, { account: a }, k, alias]): S3Arn => ({
      kind: 'multi-region-access-point',
      partition,
      account: a,
      alias,
      ...k,
    }),
  ),
  fc.tuple(regions, owner).map(([r, o]): S3Arn => ({ kind: 'object-lambda', ...r, ...o })),
  fc
    .tuple(regions, owner, outpost, key1)
    .map(([r, o, id, k]): S3Arn => ({ kind: 'outposts', ...r, ...o, outpost: id, ...k })),
  fc.tuple(regions, owner).map(
    ([r, o]): S3Arn => ({
      kind: 'directory-bucket',
      ...r,
      account: o.account,
      bucket: `${o.name}--use1-az4--x-s3`,
    }),
  ),
)

describe('parseArn', () => {
  it.each(examples)('reads %s', (text, arn) => {
    expect(parseArn(text)).toEqual(arn)
    expect(formatArn(arn)).toBe(text)
  })

  it.each(malformed)('refuses %j', (text) => expect(parseArn(text).kind).toBe('malformed'))

  it('accepts the colons of the SDKs', () => {
    expect(parseArn('arn:aws:s3:us-east-1:123456789012:accesspoint:finance')).toEqual(examples[4]?.[1])
    expect(parseArn('arn:aws:s3-outposts:us-east-1:123456789012:outpost:op-01ac:accesspoint:data')).toEqual({
      kind: 'outposts',
      ...inRegion,
      outpost: 'op-01ac',
      name: 'data',
    })
  })

  it('gives back every ARN that was written', () => {
    fc.assert(
      fc.property(arns, (arn) => {
        expect(parseArn(formatArn(arn))).toEqual(arn)
      }),
      { numRuns: 500 },
    )
  })

  it('answers for any string', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        expect(parseArn(text).kind).toBeTypeOf('string')
        expect(parseArn(`arn:aws:s3:${text}`).kind).toBeTypeOf('string')
      }),
    )
  })
})

describe('arnToHost and hostToArn', () => {
  const hosts: readonly (readonly [arn: string, options: Parameters<typeof arnToHost>[1], host: string])[] = [
    ['arn:aws:s3:::photos', { region: 'eu-west-1' }, 'photos.s3.eu-west-1.amazonaws.com'],
    ['arn:aws:s3:::photos', {}, 'photos.s3.amazonaws.com'],
    [
      'arn:aws:s3:::photos/key',
      { region: 'eu-west-1', fips: true, dualStack: true },
      'photos.s3-fips.dualstack.eu-west-1.amazonaws.com',
    ],
    ['arn:aws-cn:s3:::photos', { region: 'cn-north-1' }, 'photos.s3.cn-north-1.amazonaws.com.cn'],
    [
      'arn:aws:s3:us-east-1:123456789012:accesspoint/ap1',
      { fips: true },
      'ap1-123456789012.s3-accesspoint-fips.us-east-1.amazonaws.com',
    ],
    ['arn:aws:s3::123456789012:accesspoint/abc.mrap', {}, 'abc.mrap.accesspoint.s3-global.amazonaws.com'],
    [
      'arn:aws:s3-object-lambda:us-east-1:123456789012:accesspoint/olap',
      {},
      'olap-123456789012.s3-object-lambda.us-east-1.amazonaws.com',
    ],
    [
      'arn:aws:s3-outposts:us-east-1:123456789012:outpost/op-1a/accesspoint/ap1',
      {},
      'ap1-123456789012.op-1a.s3-outposts.us-east-1.amazonaws.com',
    ],
    [
      'arn:aws:s3express:us-east-1:123456789012:bucket/b--use1-az4--x-s3',
      { dualStack: true },
      'b--use1-az4--x-s3.s3express-use1-az4.dualstack.us-east-1.amazonaws.com',
    ],
  ]

  it.each(hosts)('%s with %j is at %s', (text, options, host) => {
    const arn = parseArn(text)
    if (arn.kind === 'malformed') throw new Error(arn.reason)
    expect(arnToHost(arn, options)).toEqual({ kind: 'host', host })
  })

  it.each([
    ['arn:aws:s3:::photos', { fips: true }, 'region-needed'],
    ['arn:aws:s3:::Legacy_Bucket', {}, 'bucket-only-in-path'],
    ['arn:aws:s3:::a..b', {}, 'bucket-only-in-path'],
    ['arn:aws:s3::123456789012:accesspoint/abc.mrap', { fips: true }, 'no-such-variant'],
    ['arn:aws:s3-object-lambda:us-east-1:123456789012:accesspoint/olap', { dualStack: true }, 'no-such-variant'],
  ] as const)('%s with %j has no host: %s', (text, options, reason) => {
    const arn = parseArn(text)
    if (arn.kind === 'malformed') throw new Error(arn.reason)
    expect(arnToHost(arn, options)).toEqual({ kind: 'none', reason })
  })

  it('come back to the same ARN, without the key, where the host says enough', () => {
    fc.assert(
      fc.property(arns, fc.boolean(), (arn, fips) => {
        const region = 'region' in arn ? arn.region : undefined
        const there = arnToHost(arn, { region, fips: fips && region !== undefined })
        if (there.kind === 'none') throw new Error(there.reason)
        const back = hostToArn(parseHost(there.host))
        if (arn.kind === 'multi-region-access-point' || arn.kind === 'directory-bucket') {
          expect(back).toEqual({ kind: 'none', reason: 'account-unknown' })
        } else if (arn.kind === 'object') {
          expect(back).toEqual({
            kind: 'arn',
            arn: {
              kind: 'bucket',
              partition: there.host.endsWith('.amazonaws.com') ? 'aws' : arn.partition,
              bucket: arn.bucket,
            },
          })
        } else if (arn.kind === 'bucket') {
          expect(back.kind).toBe('arn')
        } else {
          const { key: _, ...thing } = { key: undefined, ...arn }
          expect(back).toEqual({ kind: 'arn', arn: thing })
        }
      }),
      { numRuns: 500 },
    )
  })

  it.each([
    ['s3.us-east-1.amazonaws.com', 'nothing-named'],
    ['example.com', 'nothing-named'],
    ['10.0.0.1', 'nothing-named'],
    ['', 'nothing-named'],
    ['s3-object-lambda.us-east-1.amazonaws.com', 'nothing-named'],
    ['123456789012.s3-control.us-east-1.amazonaws.com', 'nothing-named'],
    ['x-s3alias.s3.us-east-1.amazonaws.com', 'nothing-named'],
    ['s3-website-us-east-1.amazonaws.com', 'nothing-named'],
    ['abc.mrap.accesspoint.s3-global.amazonaws.com', 'account-unknown'],
  ])('%j names nothing with an ARN: %s', (host, reason) => {
    expect(hostToArn(parseHost(host))).toEqual({ kind: 'none', reason })
  })

  it('knows the bucket behind a web site', () => {
    expect(hostToArn(parseHost('photos.s3-website-us-east-1.amazonaws.com'))).toEqual({
      kind: 'arn',
      arn: { kind: 'bucket', partition: 'aws', bucket: 'photos' },
    })
  })
})
