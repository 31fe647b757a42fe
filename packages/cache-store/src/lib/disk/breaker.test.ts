import { createManualClock } from '@s3proxy/testkit'
import { expect, test } from 'vitest'
import { createBreaker } from './breaker.ts'

test('opens after failures in a row, lets one probe through per pause, and doubles the pause up to its bound', () => {
  const clock = createManualClock(0)
  const breaker = createBreaker({ now: clock.now, threshold: 2, minPauseMs: 10, maxPauseMs: 40 })
  breaker.failed()
  breaker.succeeded()
  breaker.failed()
  expect(breaker.allows()).toBe(true)
  breaker.failed()
  for (const pauseMs of [10, 20, 40, 40]) {
    expect(breaker.allows()).toBe(false)
    clock.advance(pauseMs - 1)
    expect(breaker.allows()).toBe(false)
    clock.advance(1)
    expect([breaker.allows(), breaker.allows()]).toEqual([true, false])
    breaker.failed()
  }
  breaker.succeeded()
  expect([breaker.allows(), breaker.allows()]).toEqual([true, true])
})
