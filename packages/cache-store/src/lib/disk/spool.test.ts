import { join } from 'node:path'
import { type BufferAccount, readAll } from '@s3proxy/protocol'
import { createTempDir, type TempDir } from '@s3proxy/testkit'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { createHandles } from './handles.ts'
import { nodeFileSystem } from './node-file-system.ts'
import { createRunMemory } from './run-buffers.ts'
import { createSpool } from './spool.ts'

let dir: TempDir
beforeEach(async () => {
  dir = await createTempDir()
})
afterEach(() => dir.remove())

function countingBudget() {
  const budget = { held: 0, fits: () => true, open: (): BufferAccount => account() }
  const account = (): BufferAccount => {
    let own = 0
    const hold = (bytes: number): void => {
      budget.held += bytes - own
      own = bytes
    }
    return { hold, close: () => hold(0) }
  }
  return budget
}

function open() {
  const budget = countingBudget()
  const handles = createHandles({ fs: nodeFileSystem, maxIdleFiles: 0, onError: () => undefined })
  const create = () => handles.create(join(dir.path, 'spool'))
  const memory = createRunMemory({ budget, maxPooledBytes: 0 })
  return { budget, spool: createSpool({ create, maxDirtyBytes: 4 << 20, budget, memory }) }
}

const part = (letter: string): Buffer => Buffer.alloc(600_000, letter)

it('gives a source that was opened before it all its bytes, from the file and from what was never written', async () => {
  const { budget, spool } = open()
  const parts = ['a', 'b', 'c'].map(part)
  for (const each of parts) spool.append(each)
  const first = spool.read({ start: 0, end: 1_800_000 })
  const later = spool.read({ start: 1_700_000, end: 1_800_000 })
  // The first part goes to the file, the others wait.
  while (budget.held === 1_800_000) await new Promise((resolve) => setImmediate(resolve))
  spool.drop()
  expect(Buffer.concat(parts).equals(await readAll(first, 2_000_000))).toBe(true)
  expect(budget.held).toBeGreaterThan(0)
  expect(
    part('c')
      .subarray(0, 100_000)
      .equals(await readAll(later, 2_000_000)),
  ).toBe(true)
  expect(budget.held).toBe(0)
})

it('has nothing for who comes after it', async () => {
  const { spool } = open()
  spool.append(Buffer.from('abc'))
  spool.drop()
  await expect(readAll(spool.read({ start: 0, end: 3 }), 3)).rejects.toMatchObject({ reason: 'closed' })
})
