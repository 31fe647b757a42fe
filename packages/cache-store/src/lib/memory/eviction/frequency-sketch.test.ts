import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createFrequencySketch } from './frequency-sketch.ts'
import { mix } from './hash-identity.ts'

describe('createFrequencySketch', () => {
  it('never estimates too low before it ages, nor above fifteen', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(40), { maxLength: 600 }), (things) => {
        const sketch = createFrequencySketch()
        const exact = new Map<number, number>()
        for (const thing of things) {
          sketch.count(mix(thing))
          exact.set(thing, (exact.get(thing) ?? 0) + 1)
        }
        for (const [thing, uses] of exact) {
          const estimate = sketch.estimate(mix(thing))
          expect(estimate).toBeGreaterThanOrEqual(Math.min(uses, 15))
          expect(estimate).toBeLessThanOrEqual(15)
        }
      }),
    )
  })

  it('is seldom far too high with as many things as it has room for', () => {
    const sketch = createFrequencySketch()
    sketch.reserve(4096)
    for (let thing = 0; thing < 4096; thing++) sketch.count(mix(thing))
    let tooHigh = 0
    for (let thing = 0; thing < 4096; thing++) if (sketch.estimate(mix(thing)) > 1) tooHigh++
    expect(tooHigh).toBeLessThan(4096 * 0.05)
  })

  it('estimates the same after it has grown', () => {
    const sketch = createFrequencySketch()
    for (let thing = 0; thing < 50; thing++) for (let use = 0; use <= thing % 10; use++) sketch.count(mix(thing))
    const before = Array.from({ length: 50 }, (_, thing) => sketch.estimate(mix(thing)))
    const { bytes } = sketch
    sketch.reserve(257)
    sketch.reserve(513)
    expect(sketch.bytes).toBe(bytes * 4)
    expect(Array.from({ length: 50 }, (_, thing) => sketch.estimate(mix(thing)))).toEqual(before)
  })

  it('remembers 2,560 uses however few things there are', () => {
    const sketch = createFrequencySketch()
    sketch.reserve(10)
    for (let use = 0; use < 12; use++) sketch.count(mix(1))
    for (let other = 2; other < 2500; other++) sketch.count(mix(other))
    expect(sketch.periodUses).toBe(2560)
    expect(sketch.estimate(mix(1))).toBeGreaterThanOrEqual(12)
  })

  it('halves everything once it has counted ten uses per thing', () => {
    const sketch = createFrequencySketch()
    for (let use = 0; use < 12; use++) sketch.count(mix(1))
    let other = 2
    for (let used = 12; used < sketch.periodUses; used++) sketch.count(mix(other++))
    expect(sketch.estimate(mix(1))).toBeLessThan(12)
    expect(sketch.estimate(mix(1))).toBeGreaterThanOrEqual(6)
  })
})
