export { createEviction, type EvictionPolicy } from './lib/memory/eviction/create-eviction.ts'
export type { Eviction, Ticket } from './lib/memory/eviction/eviction.ts'
export { createLru } from './lib/memory/eviction/lru.ts'
export { createS3Fifo, type S3FifoOptions } from './lib/memory/eviction/s3-fifo.ts'
export { createTinyLfu, type TinyLfuOptions } from './lib/memory/eviction/tiny-lfu.ts'
export type { MemoryOwner } from './lib/memory/memory-entry.ts'
export {
  createMemoryTier,
  type MemoryFillStart,
  type MemoryTier,
  type MemoryTierOptions,
} from './lib/memory/memory-tier.ts'
export type { MemoryWriter } from './lib/memory/memory-writer.ts'
