import { expect, test } from 'vitest'
import { createVictimPool } from './victim-pool.ts'

const unknown = () => undefined

test('gives out the lowest score first', () => {
  const pool = createVictimPool<string>()
  for (const [item, score] of [
    ['b', 2],
    ['c', 3],
    ['a', 1],
  ] as const)
    pool.add(item, score)
  expect(pool.has('c')).toBe(true)
  expect([1, 2, 3, 4].map(() => pool.take(unknown)?.item)).toEqual(['a', 'b', 'c', undefined])
  expect(pool.has('c')).toBe(false)
})

test('who has been used since is compared anew', () => {
  const pool = createVictimPool<string>()
  pool.add('a', 1)
  pool.add('b', 2)
  expect(pool.take((item) => (item === 'a' ? 5 : undefined))).toEqual({ item: 'b', score: 2 })
  expect(pool.take(unknown)).toEqual({ item: 'a', score: 5 })
})

test('keeps only the worst, and asks for less while it has some', () => {
  const pool = createVictimPool<number>()
  expect(pool.wanted).toBe(16)
  for (let index = 0; index < 1000; index++) pool.add(index, index)
  expect(pool.wanted).toBe(5)
  const taken: number[] = []
  for (let next = pool.take(unknown); next !== undefined; next = pool.take(unknown)) taken.push(next.item)
  expect(taken.length).toBe(32)
  expect(taken.at(-1)).toBe(31)
})
