import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { belady, boundOf, nextUses } from './belady.ts'
import { createHeap } from './heap.ts'
import { policies } from './policies.ts'
import { simulate } from './simulate.ts'
import { createTraceBuilder, type Trace } from './trace.ts'

function traceOf(objects: readonly number[], sizes: readonly number[]): Trace {
  const builder = createTraceBuilder()
  for (const object of objects) builder.add(object, sizes[object] ?? 1)
  return builder.build('test')
}

/** The most hits (or bytes of hits) any cache can have: every choice of what to keep after each request is tried. */
function best(trace: Trace, capacity: number, gain: (size: number) => number): number {
  const { objects, sizes } = trace
  let states = new Map<number, number>([[0, 0]])
  for (const object of objects) {
    const after = new Map<number, number>()
    for (const [held, gained] of states) {
      const total = gained + ((held >> object) & 1 ? gain(sizes[object] ?? 0) : 0)
      const available = held | (1 << object)
      for (let kept = available; ; kept = (kept - 1) & available) {
        let bytes = 0
        for (const [index, size] of sizes.entries()) if ((kept >> index) & 1) bytes += size
        if (bytes <= capacity) after.set(kept, Math.max(after.get(kept) ?? 0, total))
        if (kept === 0) break
      }
    }
    states = after
  }
  return Math.max(...states.values())
}

const requests = fc.array(fc.nat(4), { minLength: 1, maxLength: 16 })

describe('belady', () => {
  it('has as many hits as the best of all caches if sizes are equal', () => {
    fc.assert(
      fc.property(requests, fc.integer({ min: 1, max: 4 }), (objects, capacity) => {
        const trace = traceOf(objects, [])
        expect(belady(trace, capacity).hits).toBe(best(trace, capacity, () => 1))
      }),
    )
  })

  it('is a cache, and the bound is above every cache, whatever the sizes', () => {
    const sizes = fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 5, maxLength: 5 })
    fc.assert(
      fc.property(requests, sizes, fc.integer({ min: 1, max: 20 }), (objects, weights, capacity) => {
        const trace = traceOf(objects, weights)
        const most = best(trace, capacity, () => 1)
        const mostBytes = best(trace, capacity, (size) => size)
        const known = belady(trace, capacity)
        expect(known.hits).toBeLessThanOrEqual(most)
        expect(known.hitBytes).toBeLessThanOrEqual(mostBytes)
        const bound = boundOf(trace, capacity)
        expect(bound.hits).toBeGreaterThanOrEqual(most)
        expect(bound.hitBytes).toBeGreaterThanOrEqual(mostBytes - 1e-6)
      }),
    )
  })

  it('is never behind a policy that does not know the future, with equal sizes', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(30), { maxLength: 200 }), fc.integer({ min: 1, max: 20 }), (objects, capacity) => {
        const trace = traceOf(objects, [])
        const most = belady(trace, capacity).hits
        for (const create of Object.values(policies)) {
          expect(simulate(trace, create(1), capacity).hits).toBeLessThanOrEqual(most)
        }
      }),
    )
  })

  it('knows the next use of each request', () => {
    const none = Number.POSITIVE_INFINITY
    expect([...nextUses(traceOf([0, 1, 0, 2, 1], []))]).toEqual([2, 4, none, none, none])
  })
})

describe('createHeap', () => {
  it('gives the highest first', () => {
    fc.assert(
      fc.property(fc.array(fc.integer()), (priorities) => {
        const heap = createHeap()
        for (const [item, priority] of priorities.entries()) heap.push(priority, item)
        const out = priorities.map(() => heap.pop().priority)
        expect(out).toEqual([...priorities].sort((a, b) => b - a))
        expect(() => heap.pop()).toThrow(RangeError)
      }),
    )
  })
})
