import { type ByteRange, subtractRanges } from '@s3proxy/protocol'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Extent } from './cache-store.ts'
import { planRead } from './plan.ts'

const range = fc
  .tuple(fc.nat(30), fc.nat(30))
  .map(([a, b]): ByteRange => ({ start: Math.min(a, b), end: Math.max(a, b) }))
const extent = fc
  .record({ range, tier: fc.constantFrom('memory' as const, 'disk' as const) })
  .map(({ range, tier }): Extent => ({ ...range, tier }))
const diskExtent = range.map((range): Extent => ({ ...range, tier: 'disk' }))

/** The fewest extents whose union has every byte of `wanted`, by trying every position in turn. */
function fewest(wanted: ByteRange, extents: readonly Extent[]): number {
  let reached = new Set([wanted.start])
  for (let steps = 0; ; steps++) {
    if (reached.has(wanted.end)) return steps
    const next = new Set<number>()
    for (const at of reached) {
      for (const e of extents) {
        if (e.start <= at && e.end > at) for (let to = at + 1; to <= Math.min(e.end, wanted.end); to++) next.add(to)
      }
    }
    if (next.size === 0) return Number.POSITIVE_INFINITY
    reached = next
  }
}

describe('planRead', () => {
  it('tiles the wanted range exactly, in order', () => {
    fc.assert(
      fc.property(range, fc.array(extent, { maxLength: 12 }), (wanted, extents) => {
        let position = wanted.start
        for (const segment of planRead(wanted, extents)) {
          expect(segment.range.start).toBe(position)
          expect(segment.range.end).toBeGreaterThan(position)
          position = segment.range.end
          if (segment.kind === 'held') {
            expect(extents).toContain(segment.extent)
            expect(segment.extent.start).toBeLessThanOrEqual(segment.range.start)
            expect(segment.extent.end).toBeGreaterThanOrEqual(segment.range.end)
          }
        }
        expect(position).toBe(Math.max(wanted.start, wanted.end))
      }),
    )
  })

  it('leaves as gaps what no extent holds, and nothing else', () => {
    fc.assert(
      fc.property(range, fc.array(extent, { maxLength: 12 }), (wanted, extents) => {
        const gaps = planRead(wanted, extents).flatMap((segment) => (segment.kind === 'gap' ? [segment.range] : []))
        const held = extents.filter((e) => e.start < e.end)
        expect(gaps).toEqual(subtractRanges(wanted, held))
      }),
    )
  })

  it('never reads from disk at a position that memory holds', () => {
    fc.assert(
      fc.property(range, fc.array(extent, { maxLength: 12 }), (wanted, extents) => {
        for (const segment of planRead(wanted, extents)) {
          if (segment.kind !== 'held' || segment.extent.tier === 'memory') continue
          const at = segment.range.start
          expect(extents.some((e) => e.tier === 'memory' && e.start <= at && e.end > at)).toBe(false)
        }
      }),
    )
  })

  it('uses as few extents of one tier as any plan could', () => {
    fc.assert(
      fc.property(range, fc.array(diskExtent, { maxLength: 8 }), (wanted, extents) => {
        const plan = planRead(wanted, extents)
        if (plan.some((segment) => segment.kind === 'gap')) return
        expect(plan.length).toBe(fewest(wanted, extents))
      }),
    )
  })

  it('answers a hit in memory with one segment', () => {
    const whole: Extent = { tier: 'memory', start: 0, end: 100 }
    const plan = planRead({ start: 10, end: 20 }, [{ tier: 'disk', start: 0, end: 100 }, whole])
    expect(plan).toEqual([{ kind: 'held', extent: whole, range: { start: 10, end: 20 } }])
  })

  it('is empty for an empty range, and one gap where nothing is held', () => {
    expect(planRead({ start: 5, end: 5 }, [])).toEqual([])
    expect(planRead({ start: 5, end: 9 }, [])).toEqual([{ kind: 'gap', range: { start: 5, end: 9 } }])
  })
})
