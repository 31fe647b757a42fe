import { expect, it } from 'vitest'
import { createWriteClock } from './write-clock.ts'

it('tells the time, and something later than it ever was while it has been set back', () => {
  let time = 5000
  const { now } = createWriteClock(() => time)
  expect(now()).toBe(5000)
  time = 9000
  expect(now()).toBe(9000)
  time = 4000
  expect([now(), now()]).toEqual([10_000, 10_000])
  time = 9500
  expect(now()).toBe(9500)
})

it('tells something later than what was seen, too', () => {
  let time = 5000
  const { now, saw } = createWriteClock(() => time)
  saw(8000)
  saw(6000)
  expect(now()).toBe(9000)
  time = 8000
  expect(now()).toBe(8000)
})
