import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { pollEvery } from './poll-every.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

test('work is done every interval until it is stopped', () => {
  let count = 0
  const stop = pollEvery(5000, () => {
    count += 1
  })
  vi.advanceTimersByTime(14_999)
  expect(count).toBe(2)
  stop()
  vi.advanceTimersByTime(60_000)
  expect(count).toBe(2)
})

test('an interval of 0 is never over', () => {
  const stop = pollEvery(0, () => {
    throw new Error('was called')
  })
  vi.advanceTimersByTime(60_000)
  stop()
  expect(vi.getTimerCount()).toBe(0)
})
