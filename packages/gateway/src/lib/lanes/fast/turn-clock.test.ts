import { expect, it } from 'vitest'
import { createTurnClock } from './turn-clock.ts'

it('is read once per turn', () => {
  const due: (() => void)[] = []
  let time = 1
  const clock = createTurnClock(
    () => time++,
    (reset) => void due.push(reset),
  )
  expect([clock(), clock(), due.length]).toEqual([1, 1, 1])
  for (const reset of due.splice(0)) reset()
  expect([clock(), clock(), due.length]).toEqual([2, 2, 1])
})
