import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type ByteRange, containsRange, intersectRanges, rangeLength, subtractRanges } from './byte-range.ts'

const range = (start: number, end: number): ByteRange => ({ start, end })
const anyRange = fc.tuple(fc.nat(30), fc.nat(10)).map(([start, length]) => range(start, start + length))

/** The bytes of ranges, one by one, in order. */
function bytesOf(...ranges: readonly ByteRange[]): number[] {
  const all = new Set<number>()
  for (const { start, end } of ranges) for (let i = start; i < end; i++) all.add(i)
  return [...all].sort((a, b) => a - b)
}

describe('rangeLength', () => {
  it('counts bytes', () => {
    expect(rangeLength(range(3, 3))).toBe(0)
    expect(rangeLength(range(0, 5))).toBe(5)
  })
})

describe('containsRange', () => {
  it.each([
    [range(0, 10), range(0, 10), true],
    [range(0, 10), range(3, 4), true],
    [range(0, 10), range(9, 11), false],
    [range(5, 10), range(4, 6), false],
    [range(5, 10), range(20, 20), true],
  ])('%j has %j: %s', (outer, inner, expected) => {
    expect(containsRange(outer, inner)).toBe(expected)
  })
})

describe('intersectRanges', () => {
  it('finds the bytes both have', () => {
    expect(intersectRanges(range(0, 10), range(5, 20))).toEqual(range(5, 10))
    expect(intersectRanges(range(0, 5), range(5, 20))).toBeUndefined()
    fc.assert(
      fc.property(anyRange, anyRange, (a, b) => {
        const common = intersectRanges(a, b)
        const shared = bytesOf(a).filter((byte) => bytesOf(b).includes(byte))
        expect(common === undefined ? [] : bytesOf(common)).toEqual(shared)
      }),
    )
  })
})

describe('subtractRanges', () => {
  it('leaves what none of the others covers', () => {
    expect(subtractRanges(range(0, 10), [])).toEqual([range(0, 10)])
    expect(subtractRanges(range(0, 10), [range(8, 20), range(2, 4)])).toEqual([range(0, 2), range(4, 8)])
    expect(subtractRanges(range(0, 10), [range(0, 6), range(3, 10)])).toEqual([])
    fc.assert(
      fc.property(anyRange, fc.array(anyRange, { maxLength: 5 }), (wanted, held) => {
        const gaps = subtractRanges(wanted, held)
        const covered = bytesOf(...held)
        expect(bytesOf(...gaps)).toEqual(bytesOf(wanted).filter((byte) => !covered.includes(byte)))
        for (const [i, gap] of gaps.entries()) {
          expect(rangeLength(gap)).toBeGreaterThan(0)
          expect(gap.start).toBeGreaterThanOrEqual(gaps[i - 1]?.end ?? 0)
        }
      }),
    )
  })

  it('does not reorder its argument', () => {
    const held = [range(8, 9), range(2, 3)]
    subtractRanges(range(0, 10), held)
    expect(held).toEqual([range(8, 9), range(2, 3)])
  })
})
