import fc from 'fast-check'
import { expect, test } from 'vitest'
import { editDistance, nearest } from './nearest.ts'

const names = ['dir', 'max_size', 'memory', 'authorization']

test.each([
  ['dri', 'dir'],
  ['maxsize', 'max_size'],
  ['MEMORY', 'memory'],
  ['authorisation', 'authorization'],
  ['wibble', undefined],
  ['', undefined],
  ['x'.repeat(1_000_000), undefined],
])('the name nearest to %.20s is %s', (name, expected) => {
  expect(nearest(name, names)).toBe(expected)
})

test.each([
  ['', 'abc', 3],
  ['abc', 'abc', 0],
  ['abc', 'acb', 1],
  ['abc', 'ab', 1],
  ['kitten', 'sitting', 3],
])('from %s to %s it is %d steps', (a, b, steps) => {
  expect(editDistance(a, b)).toBe(steps)
})

test('the distance is symmetric and at most the longer length', () => {
  fc.assert(
    fc.property(fc.string({ maxLength: 12 }), fc.string({ maxLength: 12 }), (a, b) => {
      expect(editDistance(a, b)).toBe(editDistance(b, a))
      expect(editDistance(a, b)).toBeLessThanOrEqual(Math.max(a.length, b.length))
    }),
  )
})
