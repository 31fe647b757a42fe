import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { isAmzName } from './amz-name.ts'

describe('isAmzName', () => {
  it.each([
    ['x-amz-date', true],
    ['X-Amz-Date', true],
    ['X-AMZ-', true],
    ['x-amz', false],
    ['x_amz-date', false],
    ['x-amzn-trace-id', false],
    ['Expires', false],
    ['', false],
  ])('%j: %s', (name, expected) => {
    expect(isAmzName(name)).toBe(expected)
  })

  it('is the start of the name in lower case', () => {
    const unit = fc.constantFrom('x', 'X', '-', 'a', 'A', 'm', 'M', 'z', 'Z', '\r', 'M', ':', '\x18')
    fc.assert(
      fc.property(
        fc.string({ unit, minLength: 5, maxLength: 7 }),
        fc.constantFrom('', 'x', 'x-a', 'X-AMz'),
        (end, start) => {
          const name = start + end
          expect(isAmzName(name)).toBe(name.toLowerCase().startsWith('x-amz-'))
        },
      ),
      { numRuns: 1000 },
    )
  })
})
