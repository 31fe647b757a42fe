import type { ByteRange } from '@s3proxy/protocol'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { planMerge } from './merge-plan.ts'

const limits = { maxBytes: 1000, minExtents: 4 }
const parts = (...bounds: number[]): ByteRange[] =>
  bounds.slice(1).map((end, index) => ({ start: bounds[index] ?? 0, end }))

describe('planMerge', () => {
  it('takes neighbours once there are enough of them', () => {
    expect(planMerge(parts(0, 10, 20, 30), limits)).toBeUndefined()
    expect(planMerge(parts(0, 10, 20, 30, 40).reverse(), limits)).toEqual({ start: 0, end: 40 })
  })

  it('does not reach over a gap', () => {
    expect(planMerge([...parts(0, 10, 20), ...parts(21, 30, 40)], limits)).toBeUndefined()
  })

  it('does not copy a large extent for the sake of a few small ones', () => {
    expect(planMerge(parts(0, 500, 510, 520, 530), limits)).toBeUndefined()
    expect(planMerge(parts(0, 500, 700, 900, 1000), limits)).toEqual({ start: 0, end: 1000 })
  })

  it('merges overlapping extents early, as they hold bytes twice', () => {
    const overlapping = [
      { start: 0, end: 100 },
      { start: 50, end: 150 },
    ]
    expect(planMerge(overlapping, limits)).toEqual({ start: 0, end: 150 })
  })

  it('makes no extent larger than the limit, and ends: merging over and over leaves nothing to merge', () => {
    const range = fc.record({ start: fc.nat(2000), length: fc.integer({ min: 1, max: 1500 }) })
    fc.assert(
      fc.property(fc.array(range, { maxLength: 40 }), (ranges) => {
        let extents: ByteRange[] = ranges.map(({ start, length }) => ({ start, end: start + length }))
        for (let merges = 0; ; merges++) {
          const merged = planMerge(extents, limits)
          if (merged === undefined) return
          expect(merges).toBeLessThan(100)
          expect(merged.end - merged.start).toBeLessThanOrEqual(limits.maxBytes)
          const inside = ({ start, end }: ByteRange): boolean => merged.start <= start && end <= merged.end
          expect(extents.filter(inside).length).toBeGreaterThan(1)
          extents = [...extents.filter((extent) => !inside(extent)), merged]
        }
      }),
    )
  })
})
