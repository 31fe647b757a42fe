import { expect, test } from 'vitest'
import { interleave } from './rounds.ts'

test('every round has every item and begins with another', async () => {
  const results = await interleave(3, ['a', 'b'], async (item, round) => `${item}${round}`)
  expect(results).toEqual(['a0', 'b0', 'b1', 'a1', 'a2', 'b2'])
})
