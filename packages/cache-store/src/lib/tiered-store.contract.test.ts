import { createTempDir } from '@s3proxy/testkit'
import { afterEach, describe, it } from 'vitest'
import type { CacheStore } from './cache-store.ts'
import { openDiskTier } from './disk/disk-tier.ts'
import { createMemoryTier } from './memory/memory-tier.ts'
import { createNoopStore } from './noop-store.ts'
import { storeContract } from './testing/store-contract.ts'
import { createTieredStore } from './tiered-store.ts'

const mebibyte = 1024 * 1024
const cleanups: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const cleanup of cleanups.splice(0)) await cleanup()
})

async function openDisk(): Promise<CacheStore> {
  const dir = await createTempDir()
  cleanups.push(dir.remove)
  const opening = await openDiskTier({ directory: dir.path, maxBytes: 32 * mebibyte })
  if (opening.kind === 'refused') throw new Error(opening.message)
  return opening.store
}

describe('memory over disk keeps the contract', () => {
  const create = async () =>
    createTieredStore({ memory: createMemoryTier({ maxBytes: 16 * mebibyte }), disk: await openDisk() })
  for (const { name, run } of storeContract(create)) it(name, run)
})

describe('memory that takes small extents only, over disk, keeps the contract', () => {
  const create = async () =>
    createTieredStore({
      memory: createMemoryTier({ maxBytes: 16 * mebibyte, maxExtentBytes: 65_536 }),
      disk: await openDisk(),
      promoteMaxBytes: 20_000,
    })
  for (const { name, run } of storeContract(create)) it(name, run)
})

describe('memory over a disk that takes nothing keeps the contract', () => {
  const create = async () =>
    createTieredStore({ memory: createMemoryTier({ maxBytes: 16 * mebibyte }), disk: createNoopStore() })
  for (const { name, run } of storeContract(create)) it(name, run)
})
