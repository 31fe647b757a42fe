import { expect, test } from 'vitest'
import { createSlabs } from './slabs.ts'

test('a slab is used again once it is closed and all of its pieces are back, each once', () => {
  const slabs = createSlabs(100, 1_000)
  const slab = slabs.take()
  const [first, second] = [slab.subarray(0, 40), slab.subarray(40, 100)]
  slabs.lend(first)
  slabs.lend(second)
  slabs.giveBack(first)
  slabs.giveBack(first)
  slabs.giveBack(slab.subarray(40, 100))
  slabs.close(slab)
  expect(slabs.take()).not.toBe(slab)
  slabs.giveBack(second)
  expect(slabs.take()).toBe(slab)
  slabs.giveBack(second)
  expect(slabs.take()).not.toBe(slab)
})

test('a slab that is still read into is not used again', () => {
  const slabs = createSlabs(100, 1_000)
  const slab = slabs.take()
  const piece = slab.subarray(0, 10)
  slabs.lend(piece)
  slabs.giveBack(piece)
  expect(slabs.take()).not.toBe(slab)
  slabs.close(slab)
  expect(slabs.take()).toBe(slab)
})

test('memory from elsewhere is ignored, and no more is kept than the bound', () => {
  const slabs = createSlabs(100, 100)
  slabs.giveBack(Buffer.alloc(10))
  slabs.close(Buffer.alloc(100))
  const taken = [slabs.take(), slabs.take()]
  for (const slab of taken) slabs.close(slab)
  expect([slabs.take(), slabs.take()].filter((slab) => taken.includes(slab))).toHaveLength(1)
})
