export type { Address } from './lib/address.ts'
export { isProhibitedAddress } from './lib/address-policy.ts'
export { formatArn, type MalformedArn, parseArn, type S3Arn } from './lib/arn.ts'
export { type ArnHost, type ArnHostOptions, arnToHost, type HostArn, hostToArn } from './lib/arn-host.ts'
export { type BucketKind, bucketKind } from './lib/bucket-name.ts'
export {
  type BucketKeyParts,
  bucketKey,
  type CacheKeyParts,
  cacheKey,
  type ParsedCacheKey,
  parseCacheKey,
} from './lib/cache-key.ts'
export {
  checkDestination,
  createDestinationPolicy,
  type DestinationPolicy,
  type DestinationPolicyOptions,
  type DestinationVerdict,
} from './lib/destination.ts'
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
