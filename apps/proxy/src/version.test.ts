import { expect, test } from 'vitest'
import { readVersion } from './version.ts'

test('the version is that of the package', () => {
  expect(readVersion()).toMatch(/^\d+\.\d+\.\d+/)
})
