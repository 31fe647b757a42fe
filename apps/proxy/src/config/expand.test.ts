import { expect, test } from 'vitest'
import { expandAll, expandHome, expandVariables } from './expand.ts'

const variable = (name: string) => `$\{${name}}`
const env = { A: 'one', B: `${variable('A')}$$`, EMPTY: '' }

test.each([
  [`${variable('A')}/x`, 'one/x'],
  [`${variable('A')}${variable('EMPTY')}${variable('A')}`, 'oneone'],
  ['$$', '$'],
  [`$${variable('A')}`, variable('A')],
  ['$A $', '$A $'],
  [variable('B'), env.B],
])('%s becomes %s', (text, value) => {
  expect(expandVariables(text, env)).toEqual({ kind: 'value', value })
})

test.each([
  [variable('NOWHERE'), /NOWHERE, which is not set/],
  [variable('toString'), /toString, which is not set/],
  [variable(''), /not a variable/],
  [variable('A:-x'), /not a variable/],
  ['${A', /not a variable/],
])('%s is refused', (text, message) => {
  expect(expandVariables(text, env)).toEqual({ kind: 'malformed', message: expect.stringMatching(message) })
})

test('texts inside lists and mappings expand, keys and other values stay', () => {
  const raw = { [variable('A')]: [variable('A'), 1, null, true] }
  expect(expandAll(raw, env)).toEqual({ kind: 'value', value: { [variable('A')]: ['one', 1, null, true] } })
  expect(expandAll([[variable('NOWHERE')]], env).kind).toBe('malformed')
})

test.each([
  ['~', '/home/u'],
  ['~/a', '/home/u/a'],
  ['a/~', 'a/~'],
  ['/a', '/a'],
])('the path %s becomes %s', (path, value) => {
  expect(expandHome(path, '/home/u/')).toEqual({ kind: 'value', value: path === '~' ? '/home/u/' : value })
})

test('the home of another user is refused', () => {
  expect(expandHome('~root/x', '/home/u').kind).toBe('malformed')
})
