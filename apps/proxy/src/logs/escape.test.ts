import fc from 'fast-check'
import { expect, test } from 'vitest'
import { escapeQuoted, escapeToken, percentEncodeKey } from './escape.ts'

test.each([
  ['aws-cli/2.0 (x; y)', 'aws-cli/2.0 (x; y)'],
  ['a"b\\c', 'a\\x22b\\x5Cc'],
  ['a\r\nb\tc\0', 'a\\x0D\\x0Ab\\x09c\\x00'],
  ['\u00e9\u007f', '\\xE9\\x7F'],
  ['\u20ac', '\\u20AC'],
])('%j is written as %s', (text, expected) => {
  expect(escapeQuoted(text)).toBe(expected)
})

test('tokens hold no spaces and are never empty', () => {
  expect(escapeToken('a b')).toBe('a\\x20b')
  expect(escapeToken('')).toBe('-')
})

test('keys are percent-encoded byte by byte', () => {
  expect(percentEncodeKey('photos/2019/a b+c%\xc3\xa9"')).toBe('photos/2019/a%20b%2Bc%25%C3%A9%22')
})

test('nothing but printable ASCII without quotes is left, in bounded length', () => {
  const text = fc.string({ unit: 'binary', maxLength: 40_000 })
  fc.assert(
    fc.property(text, (value) => {
      expect(escapeQuoted(value)).toMatch(/^[ !#-~]*$/)
      expect(escapeToken(value)).toMatch(/^[!#-~]+$/)
      expect(escapeQuoted(value).length).toBeLessThan(120_000)
    }),
    { numRuns: 30 },
  )
})
