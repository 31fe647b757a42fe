import { describe, expect, it } from 'vitest'
import { percentile, percentilesOf, spreadOf } from './statistics.ts'

describe('percentile', () => {
  it('is the nearest rank', () => {
    const values = Array.from({ length: 100 }, (_, index) => index + 1)
    expect([0.5, 0.95, 0.99, 1].map((fraction) => percentile(values, fraction))).toEqual([50, 95, 99, 100])
    expect(percentile([7], 0.5)).toBe(7)
    expect(percentile([], 0.5)).toBeNaN()
  })
})

describe('spreadOf', () => {
  it('gives median and extremes', () => {
    expect(spreadOf([3, 1, 2])).toEqual({ median: 2, min: 1, max: 3 })
    expect(spreadOf([4, 1, 2, Number.NaN, 3])).toEqual({ median: 2.5, min: 1, max: 4 })
    expect(spreadOf([]).median).toBeNaN()
  })
})

describe('percentilesOf', () => {
  it('does not mind the order', () => {
    expect(percentilesOf([3, 1, 2])).toEqual({ count: 3, p50: 2, p95: 3, p99: 3 })
  })
})
