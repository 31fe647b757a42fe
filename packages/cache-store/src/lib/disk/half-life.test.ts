import { expect, test } from 'vitest'
import { createHalfLife } from './half-life.ts'

test('follows the time for which those that leave had not been used', () => {
  let time = 0
  const halfLife = createHalfLife({ now: () => time, factor: 2 })
  for (let index = 0; index < 200; index++) halfLife.evicted(10_000)
  expect(halfLife.ms).toBeCloseTo(20_000)
  for (let index = 0; index < 1000; index++) halfLife.evicted(30_000)
  expect(halfLife.ms).toBeCloseTo(60_000, -1)
  time = 45_000
  expect(halfLife.ms).toBe(90_000)
})

test('while nothing leaves it grows with the time things have been able to stay', () => {
  let time = 1_000_000
  const halfLife = createHalfLife({ now: () => time, factor: 4 })
  expect(halfLife.ms).toBe(1000)
  time += 3_600_000
  expect(halfLife.ms).toBe(4 * 3_600_000)
  halfLife.evicted(5000)
  expect(halfLife.ms).toBe(20_000)
})

test('what is worth more than now does not make it negative', () => {
  const halfLife = createHalfLife({ now: () => 0 })
  halfLife.evicted(-5000)
  expect(halfLife.ms).toBe(1000)
})
