import { describe, expect, it } from 'vitest'
import { createGenerations } from './generations.ts'

describe('createGenerations', () => {
  it('outdates a reading by a write to the key or to its bucket, and by no other', () => {
    const generations = createGenerations()
    const seen = generations.observe('b', 'b/k')
    generations.bumpKey('b/other')
    generations.bumpBucket('c')
    expect(generations.isCurrent(seen)).toBe(true)
    generations.bumpKey('b/k')
    expect(generations.isCurrent(seen)).toBe(false)
    const again = generations.observe('b', 'b/k')
    generations.bumpBucket('b')
    expect(generations.isCurrent(again)).toBe(false)
  })

  it('refuses a slot count that is no power of two', () => {
    expect(() => createGenerations({ slots: 1000 })).toThrow(RangeError)
  })
})
