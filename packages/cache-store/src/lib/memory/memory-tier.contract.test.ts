import { describe, it } from 'vitest'
import { storeContract } from '../testing/store-contract.ts'
import { createMemoryTier } from './memory-tier.ts'

describe('the memory tier keeps the contract', () => {
  const create = async () => createMemoryTier({ maxBytes: 16 * 1024 * 1024 })
  for (const { name, run } of storeContract(create)) it(name, run)
})
