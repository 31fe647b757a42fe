import { expect, test } from 'vitest'
import { createShareAccount, shardCount } from './share-account.ts'

function setUp(limitBytes: number, assumedBytes = 0) {
  let limit = limitBytes
  let shortages = 0
  const account = createShareAccount({ limitBytes: () => limit, assumedBytes, onShortage: () => shortages++ })
  const reserve = (bytes: number) => {
    const room = account.reserve(bytes)
    if (room.kind === 'refused') throw new Error(room.reason)
    return room.reservation
  }
  return { account, reserve, shortages: () => shortages, limit: (bytes: number) => (limit = bytes) }
}

test('reserves up to the limit, then waits until something has left', async () => {
  const { account, reserve, shortages } = setUp(100)
  const first = reserve(60)
  expect(first.granted).toBe(true)
  account.change(3, 60)
  first.release()
  const second = reserve(60)
  expect([account.usedBytes, account.shortage, shortages()]).toEqual([60, 20, 1])
  account.change(3, -60)
  expect(await second.granted).toBe(true)
  expect(account.fits(40)).toBe(true)
  expect(account.fits(41)).toBe(false)
})

test('refuses what can never fit, and what only reservations could make room for', () => {
  const { account, reserve } = setUp(100)
  expect(account.reserve(101)).toEqual({ kind: 'refused', reason: 'too-large' })
  reserve(60)
  expect(account.reserve(60)).toEqual({ kind: 'refused', reason: 'no-space' })
})

test('those who wait are refused when nothing can leave', async () => {
  const { account, reserve } = setUp(100, 100)
  const waiting = reserve(10)
  expect(account.hasWaiting).toBe(true)
  account.giveUp()
  expect(await waiting.granted).toBe(false)
  waiting.release()
  expect([account.hasWaiting, account.usedBytes]).toEqual([false, 100])
})

test('one that stops waiting lets those behind it go', async () => {
  const { reserve } = setUp(100, 50)
  const large = reserve(80)
  const small = reserve(20)
  large.release()
  expect(await small.granted).toBe(true)
})

test('an assumption stands until everything has been counted', () => {
  const { account } = setUp(1000, 500)
  for (let shard = 0; shard < shardCount; shard++) {
    account.beginCount(shard)
    if (shard === 7) account.change(7, 30)
    account.count(shard, shard === 1 ? 200 : 0)
    if (shard === 100) expect(account.usedBytes).toBe(530)
  }
  expect(account.usedBytes).toBe(230)
})

test('a smaller limit counts at once', () => {
  const { account, reserve, limit } = setUp(100)
  reserve(50)
  limit(40)
  expect(account.reserve(10)).toEqual({ kind: 'refused', reason: 'no-space' })
  expect(account.shortage).toBe(10)
})

test('who waits for what has been released is told that nothing comes', async () => {
  const { reserve } = setUp(100, 100)
  const waiting = reserve(10)
  waiting.release()
  expect(await waiting.granted).toBe(false)
})
