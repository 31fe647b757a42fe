import { expect, test } from 'vitest'
import { formatTable } from './table.ts'

test('columns are as wide as what is in them', () => {
  expect(formatTable(['name', 'GB/s'], [['nginx', '1.2']])).toBe('name   GB/s\n───────────\nnginx   1.2\n')
})
