import { createManualClock } from '@s3proxy/testkit'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createDeadlines, type Deadline } from './deadlines.ts'

function setUp() {
  const clock = createManualClock()
  const late: [string, number][] = []
  const create = (name: string): Deadline => ({
    dueAt: Number.POSITIVE_INFINITY,
    onLate: () => void late.push([name, clock.monotonic()]),
  })
  return { clock, late, create, deadlines: createDeadlines(clock) }
}

test('each is late at its own time, once, and all share one timer', () => {
  const { clock, late, create, deadlines } = setUp()
  deadlines.set(create('b'), 200)
  deadlines.set(create('a'), 100)
  deadlines.set(create('c'), 300)
  expect(clock.pendingTimers).toBe(1)
  clock.advance(1_000)
  expect(late).toEqual([
    ['a', 100],
    ['b', 200],
    ['c', 300],
  ])
})

test('one that moves away sets no timer', () => {
  const { clock, late, create, deadlines } = setUp()
  const deadline = create('a')
  for (let i = 0; i < 5; i++) {
    deadlines.set(deadline, 100)
    clock.advance(60)
  }
  expect(late).toEqual([])
  clock.advance(39)
  expect(late).toEqual([])
  clock.advance(1)
  expect(late).toEqual([['a', 340]])
})

test('one that is deleted or set to never is not late, and the timer goes with the last', () => {
  const { clock, late, create, deadlines } = setUp()
  const [first, second] = [create('a'), create('b')]
  deadlines.set(first, 100)
  deadlines.set(second, 100)
  second.dueAt = Number.POSITIVE_INFINITY
  deadlines.delete(first)
  clock.advance(1_000)
  expect(late).toEqual([])
  deadlines.delete(second)
  expect(clock.pendingTimers).toBe(0)
})

test('one that is late may set or delete others', () => {
  const { clock, late, create, deadlines } = setUp()
  const other = create('other')
  const again: Deadline = { ...create('x'), onLate: () => void deadlines.set(again, 50) }
  deadlines.set(again, 100)
  deadlines.set({ ...create('x'), onLate: () => void deadlines.delete(other) }, 100)
  deadlines.set(other, 120)
  clock.advance(149)
  expect(again.dueAt).toBe(150)
  expect(late).toEqual([])
})

test('whatever is set and deleted, each is late exactly when it was last told to be', () => {
  const step = fc.record({
    index: fc.nat(3),
    delayMs: fc.option(fc.integer({ min: 1, max: 50 })),
    advanceMs: fc.nat(30),
  })
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
      const { clock, late, create, deadlines } = setUp()
      const items = ['0', '1', '2', '3'].map(create)
      const expected: (readonly [string, number])[] = []
      const due = new Map<string, number>()
      const pass = (ms: number): void => {
        const end = clock.monotonic() + ms
        for (const [name, at] of [...due].filter(([, at]) => at <= end)) {
          expected.push([name, at])
          due.delete(name)
        }
        clock.advance(ms)
      }
      for (const { index, delayMs, advanceMs } of steps) {
        const item = items[index] as Deadline
        if (delayMs === null) {
          deadlines.delete(item)
          due.delete(String(index))
        } else {
          deadlines.set(item, delayMs)
          due.set(String(index), clock.monotonic() + delayMs)
        }
        pass(advanceMs)
      }
      pass(100)
      const byTime = (a: readonly [string, number], b: readonly [string, number]) =>
        a[1] - b[1] || a[0].localeCompare(b[0])
      expect([...late].sort(byTime)).toEqual([...expected].sort(byTime))
    }),
  )
})
