import { minRunBytes } from '@s3proxy/protocol'
import { createManualClock } from '@s3proxy/testkit'
import { describe, expect, it } from 'vitest'
import { type Budget, createBudget } from './budget.ts'

const runs = (count: number): number => count * minRunBytes

function create(maxRuns: number) {
  const clock = createManualClock()
  const budget = createBudget({
    maxBytes: runs(maxRuns),
    maxWaitMs: 1000,
    timers: { setTimeout: clock.setTimeout, clearTimeout: (timer) => clock.clearTimeout(timer as never) },
  })
  return { budget, clock }
}

/** Notes in `log` what becomes of new work. */
function enter(budget: Budget, log: string[], name: string, priority: Parameters<Budget['admit']>[0] = 'demand') {
  const waiting = budget.admit(priority, minRunBytes)
  if (waiting === undefined) log.push(name)
  else
    waiting.then(
      () => log.push(name),
      (error: { code: string; status: number; reason: string }) => log.push(`${name}: ${error.status} ${error.reason}`),
    )
}

const settle = async (): Promise<void> => {
  for (let turn = 0; turn < 10; turn++) await Promise.resolve()
}

describe('the ledger', () => {
  it('charges an account its minimum, what it holds beyond that, and nothing after the end', () => {
    const { budget } = create(8)
    const account = budget.open()
    expect(budget.usedBytes).toBe(runs(1))
    account.hold(runs(3))
    expect(budget.usedBytes).toBe(runs(3))
    account.hold(1)
    expect(budget.usedBytes).toBe(runs(1))
    account.close()
    account.close()
    account.hold(runs(2))
    expect(budget.usedBytes).toBe(0)
    expect(budget.peakBytes).toBe(runs(3))
  })

  it('keeps half for the minimum of others', () => {
    const { budget } = create(8)
    budget.open()
    expect(budget.fits(runs(3))).toBe(true)
    expect(budget.fits(runs(3) + 1)).toBe(false)
  })
})

describe('the door', () => {
  it('lets in at once while there is room, then as room comes, in order', async () => {
    const { budget } = create(2)
    const log: string[] = []
    const accounts = ['a', 'b'].map((name) => {
      enter(budget, log, name)
      return budget.open()
    })
    enter(budget, log, 'c')
    enter(budget, log, 'd')
    await settle()
    expect(log).toEqual(['a', 'b'])
    expect(budget.waiting).toBe(2)
    accounts[0]?.close()
    await settle()
    expect(log).toEqual(['a', 'b', 'c'])
    budget.open()
    accounts[1]?.close()
    await settle()
    expect(log).toEqual(['a', 'b', 'c', 'd'])
  })

  it('gives one freed place to one who waits', async () => {
    const { budget } = create(1)
    const log: string[] = []
    const account = budget.open()
    enter(budget, log, 'a')
    enter(budget, log, 'b')
    account.close()
    await Promise.resolve()
    expect(budget.waiting).toBe(1)
  })

  it('turns away who has waited too long, as S3 would', async () => {
    const { budget, clock } = create(1)
    const log: string[] = []
    budget.open()
    enter(budget, log, 'late')
    clock.advance(999)
    await settle()
    expect(log).toEqual([])
    clock.advance(1)
    await settle()
    expect(log).toEqual(['late: 503 memory-budget'])
    expect(budget.rejected).toBe(1)
    expect(budget.waiting).toBe(0)
  })

  it('prefers demand over revalidation over write-through over prefetch', async () => {
    const { budget } = create(8)
    const log: string[] = []
    const accounts = Array.from({ length: 8 }, () => budget.open())
    enter(budget, log, 'p', 'prefetch')
    enter(budget, log, 'w', 'write-through')
    enter(budget, log, 'r', 'revalidation')
    enter(budget, log, 'd', 'demand')
    for (const account of accounts) {
      account.close()
      await settle()
    }
    expect(log).toEqual(['d', 'r', 'w', 'p'])
  })

  it('leaves the last shares to demand', () => {
    const { budget } = create(8)
    for (let open = 0; open < 4; open++) budget.open()
    expect(budget.admit('prefetch', minRunBytes)).toBeInstanceOf(Promise)
    expect(budget.admit('write-through', minRunBytes)).toBeUndefined()
    for (let open = 0; open < 3; open++) budget.open()
    expect(budget.admit('write-through', minRunBytes)).toBeInstanceOf(Promise)
    expect(budget.admit('demand', minRunBytes)).toBeUndefined()
  })

  it('lets nobody overtake who waits with the same importance', () => {
    const { budget } = create(4)
    budget.open().hold(runs(3))
    expect(budget.admit('demand', runs(2))).toBeInstanceOf(Promise)
    expect(budget.admit('demand', runs(1))).toBeInstanceOf(Promise)
  })

  it('lets work larger than the budget begin when there is no other', () => {
    const { budget } = create(1)
    expect(budget.admit('prefetch', runs(5))).toBeUndefined()
  })
})
