import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { compileHostGlob } from './host-glob.ts'

describe('compileHostGlob', () => {
  it.each([
    ['s3.amazonaws.com', 's3.amazonaws.com', true],
    ['s3.amazonaws.com', 'S3.AmazonAWS.com.', true],
    ['S3.AMAZONAWS.COM.', 's3.amazonaws.com', true],
    ['s3.amazonaws.com', 'xs3.amazonaws.com', false],
    ['s3.amazonaws.com', 's3-amazonaws.com', false],
    ['*.amazonaws.com', 's3.amazonaws.com', true],
    ['*.amazonaws.com', 'b.s3.us-east-1.amazonaws.com', true],
    ['*.amazonaws.com', 'amazonaws.com', true],
    ['*.amazonaws.com', 'evilamazonaws.com', false],
    ['*.amazonaws.com', 's3.amazonaws.com.evil.example', false],
    ['s3.*.amazonaws.com', 's3.us-east-1.amazonaws.com', true],
    ['s3.*.amazonaws.com', 's3.amazonaws.com', false],
    ['*s3*', 'my.s3.store', true],
    ['*a*b*c*', 'xaxbxc', true],
    ['*a*b*c*', 'xcxbxa', false],
    ['ab*ba', 'aba', false],
    ['*', 'anything', true],
    ['', 'anything', false],
  ])('%j on %j is %s', (pattern, host, expected) => {
    expect(compileHostGlob(pattern)(host)).toBe(expected)
  })

  it('agrees with the regular expression it replaces', () => {
    const text = fc.string({ unit: fc.constantFrom('a', 'b', '*'), maxLength: 8 })
    const host = fc.string({ unit: fc.constantFrom('a', 'b'), maxLength: 8 })
    fc.assert(
      fc.property(text, host, (pattern, name) => {
        expect(compileHostGlob(pattern)(name)).toBe(new RegExp(`^${pattern.replaceAll('*', '.*')}$`).test(name))
      }),
      { numRuns: 2000 },
    )
  })

  it('is linear in a pattern made to backtrack', () => {
    expect(compileHostGlob(`${'*a'.repeat(5000)}b`)('a'.repeat(100_000))).toBe(false)
  })
})
