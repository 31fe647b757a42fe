import { describe, expect, it } from 'vitest'
import { changeOf } from './change.ts'

const pairs = (...ratios: number[]) => ratios.map((ratio) => ({ before: 100, after: 100 * ratio }))

describe('changeOf', () => {
  it('calls it a change only if every round says so and it is large enough', () => {
    expect(changeOf(pairs(1.1, 1.2, 1.05, 1.3, 1.1, 1.2))).toMatchObject({ verdict: 'faster' })
    expect(changeOf(pairs(0.9, 0.8, 0.95, 0.9, 0.9, 0.9))).toEqual({
      ratio: 0.9,
      from: 0.8,
      to: 0.95,
      verdict: 'slower',
    })
    expect(changeOf(pairs(1.1, 1.2, 0.99, 1.3, 1.2, 1.1))).toMatchObject({ verdict: 'same' })
    expect(changeOf(pairs(1.01, 1.02, 1.01, 1.01, 1.01, 1.01))).toMatchObject({ verdict: 'same' })
  })

  it('does not judge a handful of rounds', () => {
    expect(changeOf(pairs(2, 2, 2, 2, 2))).toMatchObject({ ratio: 2, verdict: 'unsure' })
  })
})
