import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { bucketKey, type CacheKeyParts, cacheKey, parseCacheKey } from './cache-key.ts'

/** Strings of the very characters a key is made of, so that ambiguities would show. */
const tricky = fc.oneof(
  fc.string({ unit: fc.constantFrom('0', '1', '2', ':', '-', '#', ';', 'a'), maxLength: 6 }),
  fc.string({ unit: 'binary' }),
)

const parts: fc.Arbitrary<CacheKeyParts> = fc.oneof(
  fc.record({ namespace: tricky, bucket: tricky, key: tricky }),
  fc.record({ namespace: tricky, bucket: tricky, key: tricky, versionId: tricky }),
  fc.record({ namespace: tricky, bucket: tricky, key: tricky, partNumber: fc.integer({ min: 1, max: 10_000 }) }),
)

describe('cacheKey', () => {
  it('can be taken apart again, so no two objects share one', () => {
    fc.assert(
      fc.property(parts, (object) => {
        expect(parseCacheKey(cacheKey(object))).toEqual({ kind: 'object', parts: object })
      }),
      { numRuns: 1000 },
    )
  })

  it('differs whenever the parts do', () => {
    fc.assert(
      fc.property(parts, parts, (a, b) => {
        const same =
          a.namespace === b.namespace &&
          a.bucket === b.bucket &&
          a.key === b.key &&
          a.versionId === b.versionId &&
          a.partNumber === b.partNumber
        expect(cacheKey(a) === cacheKey(b)).toBe(same)
      }),
    )
  })

  it('begins with the key of its bucket and of no other', () => {
    fc.assert(
      fc.property(parts, parts, (a, b) => {
        const sameBucket = a.namespace === b.namespace && a.bucket === b.bucket
        expect(cacheKey(a).startsWith(bucketKey(b))).toBe(sameBucket)
      }),
    )
  })

  it.each([
    [{ key: 'a' }, { key: 'a', versionId: '' }],
    [{ key: 'a' }, { key: 'a', versionId: 'null' }],
    [{ key: '1:a' }, { key: '', versionId: 'a' }],
    [{ key: '-a' }, { key: 'a' }],
    [{ key: '#1;-a' }, { key: 'a', partNumber: 1 }],
    [
      { key: 'a', versionId: 'v', partNumber: 1 },
      { key: 'a', partNumber: 1 },
    ],
  ])('keeps %j and %j apart', (a, b) => {
    const bucket = { namespace: 'aws', bucket: 'b' }
    expect(cacheKey({ ...bucket, ...a })).not.toBe(cacheKey({ ...bucket, ...b }))
  })

  it('takes an absent version and an undefined one for the same', () => {
    const object = { namespace: 'aws', bucket: 'b', key: 'k' }
    expect(cacheKey({ ...object, versionId: undefined })).toBe(cacheKey(object))
  })
})

describe('parseCacheKey', () => {
  it.each([
    '',
    '3',
    '3:',
    '3:aws',
    '3:aws1:b',
    '03:aws1:b-k',
    '3:aws9:b-k',
    '3:aws1:bk',
    '-1:',
    '1e1:',
    '9999999999:a',
    '3:aws1:b#0;-k',
    '3:aws1:b#01;-k',
    '3:aws1:b#1-k',
  ])('refuses %j', (text) => expect(parseCacheKey(text)).toEqual({ kind: 'malformed' }))

  it('accepts only what cacheKey makes', () => {
    fc.assert(
      fc.property(tricky, (text) => {
        const parsed = parseCacheKey(text)
        if (parsed.kind === 'object') expect(cacheKey(parsed.parts)).toBe(text)
      }),
    )
  })
})
