export type {
  AbsentReason,
  CacheStore,
  Extent,
  FillResult,
  FillStart,
  FillWriter,
  Held,
  Lookup,
  RefusalReason,
  Representation,
  StoreUsage,
} from './lib/cache-store.ts'
export { createMemoryTier, type MemoryTier, type MemoryTierOptions } from './lib/memory/memory-tier.ts'
export { createNoopStore } from './lib/noop-store.ts'
export { noopObserver, type StoreObserver, type StoreOperation, type Tier } from './lib/observer.ts'
export { type Plan, planRead, type Segment } from './lib/plan.ts'
export type { StoreFailureReason } from './lib/store-error.ts'
