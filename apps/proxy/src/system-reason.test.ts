import { expect, test } from 'vitest'
import { systemReason } from './system-reason.ts'

test.each([
  [Object.assign(new Error("ENOSPC: no space left, write '/a'"), { code: 'ENOSPC' }), 'no space left on the device'],
  [Object.assign(new Error("EXOTIC: odd '/a'"), { code: 'EXOTIC' }), 'EXOTIC'],
  [new Error('plain'), 'plain'],
  ['text', 'text'],
])('%s is told as %s', (error, words) => {
  expect(systemReason(error)).toBe(words)
})
