import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createPrefixIndex } from './prefix-index.ts'

test('for each text the items are found whose prefix it has, in their order', () => {
  const text = fc.string({ unit: fc.constantFrom('a', 'b', '/', '\u0000', '\u00ff'), maxLength: 5 })
  fc.assert(
    fc.property(fc.array(text, { maxLength: 20 }), text, (prefixes, wanted) => {
      const items = prefixes.map((prefix, i) => ({ prefix, i }))
      const find = createPrefixIndex(items, (found) => found)
      expect(find(wanted)).toEqual(items.filter(({ prefix }) => wanted.startsWith(prefix)))
    }),
    { numRuns: 5000 },
  )
})

test('what is made of items is made once per prefix', () => {
  let calls = 0
  const items = ['a', 'b', 'a', 'ab', ''].map((prefix) => ({ prefix }))
  const find = createPrefixIndex(items, () => {
    calls += 1
    return {}
  })
  expect(find('abc')).toBe(find('abd'))
  expect(find('zzz')).toBe(find(''))
  expect(calls).toBe(4)
})
