import { expect, test } from 'vitest'
import { addScores, neverUsed, scoreOfUse } from './score.ts'

const hour = 3_600_000

test('one use scores its time, and each doubling of uses a half-life more', () => {
  expect(scoreOfUse(5000, 1, hour)).toBe(5000)
  expect(addScores(neverUsed, 5000, hour)).toBe(5000)
  expect(addScores(neverUsed, neverUsed, hour)).toBe(neverUsed)
  const two = addScores(5000, 5000, hour)
  expect(two).toBe(5000 + hour)
  expect(addScores(two, two, hour)).toBe(5000 + 2 * hour)
})

test('a use a half-life ago counts half of one now', () => {
  const old = addScores(0, 0, hour)
  expect(addScores(old, hour, hour)).toBe(addScores(hour, hour, hour))
})

test('the order in which uses are added does not matter', () => {
  const uses = [3 * hour, 0, hour / 2, 7 * hour, 7 * hour]
  const forwards = uses.reduce((sum, use) => addScores(sum, use, hour), neverUsed)
  const backwards = uses.toReversed().reduce((sum, use) => addScores(sum, use, hour), neverUsed)
  expect(forwards).toBeCloseTo(backwards, 3)
})

test('parts of a use add up to one', () => {
  const quarter = scoreOfUse(hour, 1 / 4, hour)
  const whole = [quarter, quarter, quarter, quarter].reduce((sum, part) => addScores(sum, part, hour), neverUsed)
  expect(whole).toBeCloseTo(hour, 3)
})
