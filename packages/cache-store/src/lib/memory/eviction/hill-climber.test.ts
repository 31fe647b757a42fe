import { describe, expect, it } from 'vitest'
import { createHillClimber, type HillClimber } from './hill-climber.ts'

const create = (): HillClimber => createHillClimber({ initial: 0.01, minimum: 0.01, maximum: 0.8 })

/** `periods` in which the hit ratio is `ratio(share)`. */
function run(climber: HillClimber, periods: number, ratio: (share: number) => number): void {
  for (let period = 0; period < periods; period++) {
    let hits = 0
    for (let use = 0; use < 8192; use++) {
      hits += ratio(climber.share)
      climber.count(hits >= 1, 100)
      if (hits >= 1) hits--
    }
  }
}

describe('createHillClimber', () => {
  it('goes to where the hit ratio is highest, and stays about there', () => {
    for (const best of [0.01, 0.3, 0.8]) {
      const climber = create()
      run(climber, 300, (share) => 0.5 - Math.abs(share - best) * 0.4)
      expect(Math.abs(climber.share - best)).toBeLessThan(0.07)
    }
  })

  it('sets out anew when the workload changes', () => {
    const climber = create()
    run(climber, 300, (share) => 0.5 - share * 0.4)
    run(climber, 100, (share) => 0.2 + share * 0.7)
    expect(climber.share).toBeGreaterThan(0.7)
  })

  it('gives smaller steps longer trials, to tell them from chance', () => {
    const climber = createHillClimber({ initial: 0, minimum: 0, maximum: 10 })
    const trials: number[] = []
    for (let trial = 0; trial < 250; trial++) {
      const { share } = climber
      let uses = 0
      for (; climber.share === share; uses++) climber.count(uses % 2 === 0, 100)
      trials.push(uses)
    }
    expect(trials[0]).toBe(8192)
    expect(trials[40]).toBeGreaterThan(8192 * 2)
    expect(Math.max(...trials)).toBe(8192 * 16)
  })

  it('never leaves its bounds', () => {
    const climber = create()
    let state = 1
    for (let period = 0; period < 500; period++) {
      state = (state * 48_271) % 2_147_483_647
      run(climber, 1, () => state / 2_147_483_647)
      expect(climber.share).toBeGreaterThanOrEqual(0.01)
      expect(climber.share).toBeLessThanOrEqual(0.8)
    }
  })
})
