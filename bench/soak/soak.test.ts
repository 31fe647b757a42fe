import { describe, expect, it } from 'vitest'
import { mix, writeMixedScript } from './script.ts'
import { slopeOf } from './slope.ts'

describe('slopeOf', () => {
  it('is the rise over the run, also through noise that evens out', () => {
    expect(
      slopeOf([
        { x: 0, y: 1 },
        { x: 2, y: 5 },
      ]),
    ).toBe(2)
    expect(
      slopeOf([
        { x: 0, y: 1 },
        { x: 1, y: -1 },
        { x: 2, y: -1 },
        { x: 3, y: 1 },
      ]),
    ).toBe(0)
    expect(slopeOf([{ x: 1, y: 1 }])).toBeNaN()
  })
})

describe('the mixed load', () => {
  it('has a size for every object', () => {
    expect(mix.reduce((sum, { share }) => sum + share, 0)).toBeCloseTo(1)
    const script = writeMixedScript({ objects: 10, headers: ['Host', 'a'], thinkMs: 1, seed: 1 })
    expect(script).toContain('if r < 70 then return 4096 end')
    expect(script).toContain('if r < 100 then return 8388608 end')
    expect(script).toContain('[ [[Host]] ] = [[a]]')
  })
})
