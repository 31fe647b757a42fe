export type { Address } from './lib/address.ts'
export { type BucketKind, bucketKind } from './lib/bucket-name.ts'
export {
  type BucketKeyParts,
  bucketKey,
  type CacheKeyParts,
  cacheKey,
  type ParsedCacheKey,
  parseCacheKey,
} from './lib/cache-key.ts'
export { type HostForm, parseHost } from './lib/host.ts'
export type { EndpointStyle } from './lib/host-forms.ts'
export type { Partition } from './lib/partition.ts'
export {
  createRouter,
  type Refusal,
  type Route,
  type RouteMatch,
  type Router,
  type RouterOptions,
} from './lib/route-table.ts'
export type { UncacheableReason } from './lib/scope.ts'
export type { Origin, StoreConfig } from './lib/store-table.ts'
export { parseTarget, type Target } from './lib/target.ts'
