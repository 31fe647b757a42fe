import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { bucketKind, bucketNameFault } from './bucket-name.ts'

describe('bucketKind', () => {
  it.each([
    ['photos', 'general-purpose'],
    ['photos-123456789012-us-east-1-an', 'general-purpose'],
    ['my-s3', 'general-purpose'],
    ['x-s3-y', 'general-purpose'],
    ['s3alias', 'general-purpose'],
    ['base--use1-az4--x-s3', 'directory'],
    ['ap--use1-az4--xa-s3', 'directory-access-point'],
    ['ap-hrzrlukc5m36ft7okagglf3gmwluquse1b-s3alias', 'access-point-alias'],
    ['fsx-abc-ext-s3alias', 'access-point-alias'],
    ['olap-mtaezz1l--ol-s3', 'object-lambda-alias'],
    ['ap-o0b1d0754--op-s3', 'outposts-alias'],
    ['63a8e430--table-s3', 'table'],
  ] as const)('%s is %s', (name, kind) => expect(bucketKind(name)).toBe(kind))

  it('looks at the end only', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[a-z0-9.-]{0,40}$/), (text) => bucketKind(`${text}x`) === 'general-purpose'),
    )
  })
})

describe('bucketNameFault', () => {
  it.each(['photos', 'my.photos', 'Legacy_Bucket', 'a', 'with space', 'caf\u00c3\u00a9', '...', 'a'.repeat(255)])(
    'leaves %j to S3',
    (name) => expect(bucketNameFault(name)).toBeUndefined(),
  )

  it.each(['', '.', '..', 'a/b', '/', 'a\\b', 'a\0', '\r\n', 'a\x7f', 'a'.repeat(256)])('refuses %j', (name) =>
    expect(bucketNameFault(name)).toBeTypeOf('string'),
  )
})
