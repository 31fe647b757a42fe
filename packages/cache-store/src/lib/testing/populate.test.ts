import { readdir, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { createTempDir } from '@s3proxy/testkit'
import { describe, expect, it } from 'vitest'
import { openDisk } from './open-disk.ts'
import { populate, type SmallObject } from './populate.ts'
import { fill, sampleBytes, sampleRepresentation } from './store-contract.ts'

const count = 20
const object = (index: number): SmallObject => ({
  representation: sampleRepresentation({ key: `aws/bucket/${index}`, size: 100 + index }),
  body: sampleBytes(100 + index, index + 1),
  usedAt: 2_000_000,
  validatedAt: 1_000_000,
})

/** Every file of a cache with its bytes, apart from its clock and the history of its account. */
async function contentOf(directory: string): Promise<ReadonlyMap<string, string>> {
  const names = await readdir(directory, { recursive: true })
  const files = new Map<string, string>()
  for (const name of names.filter((other) => !other.startsWith('v1/ledger/')).sort()) {
    const path = join(directory, name)
    files.set(name, (await stat(path)).isDirectory() ? 'directory' : (await readFile(path)).toString('latin1'))
  }
  return files
}

describe('populate', () => {
  it('leaves what filling a store with the same objects leaves, to the byte', async () => {
    await using filled = await createTempDir()
    await using populated = await createTempDir()
    const store = await openDisk({ directory: filled.path })
    for (let index = 0; index < count; index++) {
      const { representation, body, validatedAt } = object(index)
      await fill(store, representation, body, { validatedAt })
    }
    const usedBytes = store.usage().diskBytes
    await store.close()
    expect(await populate({ directory: populated.path, count, object })).toBe(usedBytes)
    expect(await contentOf(populated.path)).toEqual(await contentOf(filled.path))
    const again = await openDisk({ directory: populated.path })
    expect(again.usage().diskBytes).toBe(usedBytes)
    await again.close()
  })

  it('writes the times of use and confirmation', async () => {
    await using dir = await createTempDir()
    await populate({ directory: dir.path, count: 1, object })
    const store = await openDisk({ directory: dir.path })
    const found = await store.lookup('aws/bucket/0')
    expect(found).toMatchObject({ kind: 'held', held: { validatedAt: 1_000_000 } })
    await store.close()
  })
})
