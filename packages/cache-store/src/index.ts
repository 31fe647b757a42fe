export type {
  AbsentReason,
  BeginOptions,
  CacheStore,
  Extent,
  FillPurpose,
  FillResult,
  FillStart,
  FillWriter,
  Held,
  Lookup,
  RefusalReason,
  Representation,
  ShareUsage,
  StoreUsage,
} from './lib/cache-store.ts'
export { type BucketMarks, type BucketMarksOptions, openBucketMarks } from './lib/disk/bucket-marks.ts'
export { type DiskTierOpening, type DiskTierOptions, openDiskTier } from './lib/disk/disk-tier.ts'
export { createLateTier, type LateTierOptions } from './lib/disk/late-tier.ts'
export type { RefusedDirectory } from './lib/disk/marker.ts'
export { noSpaceRules, type Quota, type SpaceRule, type SpaceRules } from './lib/disk/space-rules.ts'
export type { MinFree } from './lib/disk/volume-floor.ts'
export { createEviction, type EvictionPolicy } from './lib/memory/eviction/create-eviction.ts'
export { createMemoryTier, type MemoryTier, type MemoryTierOptions } from './lib/memory/memory-tier.ts'
export { createNoopStore } from './lib/noop-store.ts'
export { noopObserver, type StoreObserver, type StoreOperation, type Tier, type VolumeState } from './lib/observer.ts'
export { type Plan, planRead, type Segment } from './lib/plan.ts'
export { sameBytes, sameState } from './lib/representation.ts'
export type { StoreFailureReason } from './lib/store-error.ts'
export { createTieredStore, type TieredStoreOptions } from './lib/tiered-store.ts'
