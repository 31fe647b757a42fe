import { expect, test } from 'vitest'
import { redactUserInfo, showValue } from './show-value.ts'

test.each([
  ['https://user:pass@host/a', 'https://REDACTED@host/a'],
  ['a redis://:p@h and http://u@g', 'a redis://REDACTED@h and http://REDACTED@g'],
  ['https://host/a@b', 'https://host/a@b'],
  ['user@host', 'user@host'],
])('%s is shown as %s', (text, expected) => {
  expect(redactUserInfo(text)).toBe(expected)
})

test('values are shown as JSON, in bounded length', () => {
  expect(showValue({ a: [1, 'x'] })).toBe('{"a":[1,"x"]}')
  expect(showValue(undefined)).toBe('undefined')
  expect(showValue('x'.repeat(1000))).toHaveLength(78)
})

test('no text makes it slow', () => {
  expect(redactUserInfo(`${'a'.repeat(100_000)}${'https://'.repeat(10_000)}@`).length).toBeGreaterThan(0)
})
