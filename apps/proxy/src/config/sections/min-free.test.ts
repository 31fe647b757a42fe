import { expect, test } from 'vitest'
import { minFree } from './min-free.ts'

const schema = minFree(2 ** 40)

test.each([
  ['1%', { share: 0.01 }],
  ['0%', { share: 0 }],
  ['2.5%', { share: 0.025 }],
  ['90%', { share: 0.9 }],
  ['10GiB', { bytes: 10 * 2 ** 30 }],
  [0, { bytes: 0 }],
])('%s is read', (raw, value) => {
  expect(schema.parse(raw)).toEqual(value)
})

test.each(['91%', '-1%', '1 %', '100%', 'much', '2TiB', true])('%s is refused with what would be right', (raw) => {
  expect(schema.safeParse(raw).error?.issues[0]?.message).toMatch(/10GiB.*90%/)
})
