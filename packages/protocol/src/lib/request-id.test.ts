import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { makeRequestId } from './request-id.ts'

describe('makeRequestId', () => {
  it('is made of the randomness given', () => {
    const numbers = [0, 1 - 2 ** -32]
    expect(makeRequestId(() => numbers.shift() ?? 0.5)).toBe('00000000FFFFFFFF')
    expect(makeRequestId(() => 0.5)).toBe('8000000080000000')
  })

  it('always looks like an id of S3', () => {
    fc.assert(
      fc.property(fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }), (number) => {
        expect(makeRequestId(() => number)).toMatch(/^[0-9A-F]{16}$/)
      }),
    )
  })
})
