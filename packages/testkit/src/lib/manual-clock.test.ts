import { expect, test } from 'vitest'
import { createManualClock } from './manual-clock.ts'

test('timers fire in order of time, each at its own moment', () => {
  const clock = createManualClock(1000)
  const fired: [string, number][] = []
  clock.setTimeout(() => fired.push(['late', clock.now()]), 20)
  clock.setTimeout(() => fired.push(['early', clock.now()]), 10)
  const dropped = clock.setTimeout(() => fired.push(['dropped', clock.now()]), 15)
  clock.clearTimeout(dropped)
  const interval = clock.setInterval(() => fired.push(['tick', clock.now()]), 8)
  clock.advance(20)
  clock.clearTimeout(interval)
  clock.advance(100)
  expect(fired).toEqual([
    ['tick', 1008],
    ['early', 1010],
    ['tick', 1016],
    ['late', 1020],
  ])
  expect(clock.pendingTimers).toBe(0)
})

test('advanceAsync runs chains of sleeps through', async () => {
  const clock = createManualClock(0)
  const chain = async (): Promise<number> => {
    await clock.sleep(10)
    await clock.sleep(10)
    return clock.now()
  }
  const end = chain()
  await clock.advanceAsync(50)
  expect(await end).toBe(20)
  expect(clock.now()).toBe(50)
})

test('set jumps the wall clock only', () => {
  const clock = createManualClock(0)
  clock.advance(5)
  clock.set(1_000_000)
  expect(clock.now()).toBe(1_000_000)
  expect(clock.monotonic()).toBe(5)
})
