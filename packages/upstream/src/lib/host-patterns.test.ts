import { describe, expect, test } from 'vitest'
import { compileHostPatterns, parseHostAndPort } from './host-patterns.ts'

describe('the most specific pattern wins', () => {
  const patterns = compileHostPatterns({
    'S3.Example': 'host',
    's3.example:9000': 'host and port',
    '*.example': 'short suffix',
    '*.s3.example': 'long suffix',
    '*.s3.example:9000': 'long suffix and port',
    '10.0.0.1': 'ip',
    '[::1]:9000': 'ipv6 and port',
  })
  test.each([
    ['s3.example', 443, 'host'],
    ['S3.EXAMPLE', 443, 'host'],
    ['s3.example', 9000, 'host and port'],
    ['bucket.s3.example', 443, 'long suffix'],
    ['a.b.c.s3.example', 443, 'long suffix'],
    ['bucket.s3.example', 9000, 'long suffix and port'],
    ['other.example', 443, 'short suffix'],
    ['example', 443, undefined],
    ['xs3.example', 443, 'short suffix'],
    ['10.0.0.1', 1, 'ip'],
    ['::1', 9000, 'ipv6 and port'],
    ['::1', 9001, undefined],
  ])('%s:%i is %s', (host, port, expected) => {
    expect(patterns.match(host, port)).toBe(expected)
  })
})

test.each(['', '*', '*.', 'a b', 'http://a', 'a:0', 'a:65536', 'a:b', '*a.b', 'a/b', '[::1', 'a:1:2', '-a'])(
  '"%s" is no pattern',
  (pattern) => {
    expect(() => compileHostPatterns({ [pattern]: 1 })).toThrow(TypeError)
  },
)

test.each([
  ['S3.Example', { host: 's3.example', port: undefined }],
  ['a:80', { host: 'a', port: 80 }],
  ['[FE80::1]', { host: 'fe80::1', port: undefined }],
  ['[fe80::1]:65535', { host: 'fe80::1', port: 65_535 }],
])('%s', (text, expected) => {
  expect(parseHostAndPort(text)).toEqual(expected)
})
