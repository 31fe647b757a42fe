import { expect, test } from 'vitest'
import { closedLabel, statusClass, wordLabel } from './labels.ts'

test('a closed label knows its values and no others', () => {
  const rule = closedLabel(['GET', 'PUT'])
  expect(['GET', 'PUT', 'get', '', 'constructor'].map(rule)).toEqual(['GET', 'PUT', 'other', 'other', 'other'])
})

test('a word label takes words until it is full', () => {
  const rule = wordLabel(2)
  expect(['a', 'no spaces', 'b-1', 'c', 'a', 'x'.repeat(65), ''].map(rule)).toEqual([
    'a',
    'other',
    'b-1',
    'other',
    'a',
    'other',
    'other',
  ])
})

test.each([
  [0, 'none'],
  [99, 'none'],
  [100, '1xx'],
  [204, '2xx'],
  [304, '3xx'],
  [499, '4xx'],
  [599, '5xx'],
  [600, 'other'],
  [-1, 'other'],
  [Number.NaN, 'other'],
])('the class of %d is %s', (status, expected) => {
  expect(statusClass(status)).toBe(expected)
})
