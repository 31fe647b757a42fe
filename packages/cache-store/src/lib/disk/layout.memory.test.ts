import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { expect, it } from 'vitest'
import { hashKey } from './layout.ts'

it('keys that no store has leave nothing behind', () => {
  setFlagsFromString('--expose-gc')
  const gc: () => void = runInNewContext('gc')
  const inUse = (): number => {
    gc()
    gc()
    return process.memoryUsage().heapUsed
  }
  const before = inUse()
  for (let i = 0; i < 500; i++) hashKey(Buffer.alloc(60_000, `${i} `).toString('latin1'))
  // Remembered they would be 30 MB.
  expect(inUse() - before).toBeLessThan(5e6)
})
