import { createTempDir } from '@s3proxy/testkit'
import { afterEach, describe, it } from 'vitest'
import { storeContract } from '../testing/store-contract.ts'
import { openDiskTier } from './disk-tier.ts'

describe('the disk tier keeps the contract', () => {
  const cleanups: (() => Promise<void>)[] = []
  afterEach(async () => {
    for (const cleanup of cleanups.splice(0)) await cleanup()
  })
  const create = async () => {
    const dir = await createTempDir()
    cleanups.push(dir.remove)
    const opening = await openDiskTier({ directory: dir.path, maxBytes: 32 * 1024 * 1024 })
    if (opening.kind === 'refused') throw new Error(opening.message)
    return opening.store
  }
  for (const { name, run } of storeContract(create)) it(name, run)
})
