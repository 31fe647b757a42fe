import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { formatContentRange, formatUnsatisfiedRange, parseContentRange } from './content-range.ts'

describe('parseContentRange', () => {
  it.each([
    ['bytes 0-0/1', { kind: 'range', range: { start: 0, end: 1 }, size: 1 }],
    ['bytes 0-8388607/5368709120', { kind: 'range', range: { start: 0, end: 8388608 }, size: 5368709120 }],
    ['Bytes 5-9/10', { kind: 'range', range: { start: 5, end: 10 }, size: 10 }],
    ['bytes 5-9/*', { kind: 'range', range: { start: 5, end: 10 }, size: undefined }],
    ['bytes */10', { kind: 'unsatisfied', size: 10 }],
    ['bytes */0', { kind: 'unsatisfied', size: 0 }],
  ])('reads %j', (value, expected) => {
    expect(parseContentRange(value)).toEqual(expected)
  })

  it.each([
    '',
    'bytes',
    'bytes */*',
    'bytes 5-3/10',
    'bytes 0-10/10',
    'bytes 0-9/9999999999999999',
    'bytes 0-9007199254740991/*',
    'bytes 0-99999999999999999999/*',
    'bytes 0-9',
    'bytes=0-9/10',
    'bytes 0-9/10 ',
    'bytes  0-9/10',
    'bytes -9/10',
    'items 0-9/10',
    'bytes 0-9/10, bytes 0-9/10',
  ])('refuses %j', (value) => {
    expect(parseContentRange(value)).toEqual({ kind: 'malformed' })
  })
})

describe('formatContentRange', () => {
  it('is read back as it was', () => {
    fc.assert(
      fc.property(fc.maxSafeNat(), fc.nat(), fc.nat(), (start, length, rest) => {
        const end = start + length + 1
        const size = end + rest
        fc.pre(Number.isSafeInteger(size))
        const range = { start, end }
        expect(parseContentRange(formatContentRange(range, size))).toEqual({ kind: 'range', range, size })
      }),
    )
  })

  it.each([
    [{ start: 0, end: 0 }, 10],
    [{ start: 5, end: 3 }, 10],
    [{ start: 0, end: 11 }, 10],
    [{ start: -1, end: 3 }, 10],
    [{ start: Number.NaN, end: 3 }, 10],
  ])('has no text for %j of %d', (range, size) => {
    expect(() => formatContentRange(range, size)).toThrow(RangeError)
  })
})

describe('formatUnsatisfiedRange', () => {
  it('names the size', () => {
    expect(formatUnsatisfiedRange(10)).toBe('bytes */10')
  })
})
