import fc from 'fast-check'
import { expect, test } from 'vitest'
import { parseGlob } from './glob-pattern.ts'

test('a pattern becomes groups of fragments', () => {
  expect(parseGlob('b*/é?.\\*')).toEqual({
    kind: 'value',
    value: {
      source: 'b*/é?.\\*',
      groups: [
        [
          [{ kind: 'text', text: 'b' }],
          [{ kind: 'text', text: '/\u00c3\u00a9' }, { kind: 'character' }, { kind: 'text', text: '.*' }],
        ],
      ],
    },
  })
  expect(parseGlob('a/***')).toEqual({
    kind: 'value',
    value: { source: 'a/***', groups: [[[{ kind: 'text', text: 'a/' }]], [[]]] },
  })
})

test.each([
  '**',
  '*/**',
  '**/*.tmp',
  'b/**',
  'b/k',
  '?/?',
  'b/*',
  'b//',
  '*/*',
  'b**',
  '\\[a\\]/{x}',
  'a:b/\\\\',
  'b/é',
])('%s is a pattern', (source) => {
  expect(parseGlob(source).kind).toBe('value')
})

test.each([
  ['', '"" can never match: it is empty; write ** for everything'],
  ['bucket', '"bucket" can never match: it has no slash; a pattern is bucket/key, such as bucket/**'],
  ['bu*t?', '"bu*t?" can never match: it has no slash; a pattern is bucket/key, such as bucket/**'],
  ['bucket/', '"bucket/" can never match: no key is empty; write ** behind the slash for the whole bucket'],
  ['b*/', '"b*/" can never match: no key is empty; write ** behind the slash for the whole bucket'],
  ['/bucket/**', '"/bucket/**" can never match: a pattern is bucket/key, without a slash in front'],
  ['\\/b', '"\\\\/b" can never match: a pattern is bucket/key, without a slash in front'],
  ['s3://bucket/**', '"s3://bucket/**" can never match: a pattern is bucket/key, without s3:'],
  ['arn:aws:s3:::bucket/*', '"arn:aws:s3:::bucket/*" can never match: a pattern is bucket/key, without arn:'],
  ['../x', '"../x" can never match: no bucket is called ..'],
  ['a\\\\b/x', '"a\\\\\\\\b/x" can never match: no bucket has a control character or a backslash in its name'],
  ['b/\\', 'holds a backslash that ends it; write \\\\ for the character'],
  ['b/\\d', 'holds a backslash that escapes nothing; write \\\\ for the character'],
  ['b/\\é', 'holds a backslash that escapes nothing; write \\\\ for the character'],
  ['b/\ud800', 'holds half a character (a lone surrogate)'],
  [`b/${'x'.repeat(2559)}`, 'is longer than 2560 characters'],
  [5, '5 is not a pattern such as "bucket/prefix/**"'],
  [undefined, 'is missing; write a pattern such as "bucket/prefix/**"'],
])('%j is refused', (source, message) => {
  expect(parseGlob(source)).toEqual({ kind: 'malformed', message })
})

test('more fixed bytes than an address has can never match', () => {
  expect(parseGlob(`b/${'x'.repeat(1278)}`).kind).toBe('value')
  expect(parseGlob(`b/${'x'.repeat(1279)}`)).toMatchObject({ message: expect.stringMatching(/at most 1280 bytes$/) })
})

test('no text makes it throw', () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.string({ unit: 'binary' }), fc.anything()), (source) => {
      expect(['value', 'malformed']).toContain(parseGlob(source).kind)
    }),
  )
})
