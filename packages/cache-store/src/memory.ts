export type { Eviction, Ticket } from './lib/memory/eviction/eviction.ts'
export { createLru } from './lib/memory/eviction/lru.ts'
export type { MemoryOwner } from './lib/memory/memory-entry.ts'
export {
  createMemoryTier,
  type MemoryFillStart,
  type MemoryTier,
  type MemoryTierOptions,
} from './lib/memory/memory-tier.ts'
export type { MemoryWriter } from './lib/memory/memory-writer.ts'
