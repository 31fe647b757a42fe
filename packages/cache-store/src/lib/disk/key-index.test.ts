import { expect, test } from 'vitest'
import { sampleRepresentation } from '../testing/store-contract.ts'
import { type DiskEntry, heldOf } from './disk-extent.ts'
import { createKeyIndex } from './key-index.ts'

function entry(keyHash: string): DiskEntry {
  const representation = sampleRepresentation({ key: keyHash })
  const times = { recordedAt: 0, loadedAt: 0, heldBytes: 0, recordedScore: 0, newScore: 0, seenAt: 0, notedAt: 0 }
  return { keyHash, representation, extents: [], recordBytes: 0, found: heldOf(representation, 0, []), ...times }
}

test('remembers what fits, and forgets the least recently used first', () => {
  const index = createKeyIndex(3500)
  for (const keyHash of ['a', 'b', 'c', 'd']) index.set(entry(keyHash))
  expect(['a', 'b', 'c', 'd'].map((keyHash) => index.peek(keyHash)?.keyHash)).toEqual([undefined, 'b', 'c', 'd'])
  expect(index.get('b')?.keyHash).toBe('b')
  expect(index.oldest(2)).toEqual(['c', 'd'])
  index.set(entry('e'))
  expect(index.peek('c')).toBeUndefined()
  index.delete('b')
  index.delete('b')
  expect(index.oldest(9)).toEqual(['d', 'e'])
  index.clear()
  expect(index.oldest(9)).toEqual([])
})
