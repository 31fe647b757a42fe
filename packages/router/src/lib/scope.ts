import { type BucketKind, bucketKind } from './bucket-name.ts'
import { type Partition, partitions } from './partition.ts'

/** Why nothing about an address may be cached. */
export type UncacheableReason =
  /** Accounts, access points and buckets are managed there, no objects. */
  | 'control-plane'
  /** Every answer is computed by a function. */
  | 'object-lambda'
  /** Data of an Outposts rack, near its users already. */
  | 'outposts'
  /** Pages, redirects and error documents instead of objects. */
  | 'website'

/** Whose bucket names these are, and whether what lies under them may be cached. */
export type Scope =
  | { readonly kind: 'cacheable'; readonly namespace: string }
  | { readonly kind: 'uncacheable'; readonly namespace: string; readonly reason: UncacheableReason }

/** The scope of a bucket by its name. */
export type ScopeOfBucket = (bucket: string) => Scope

/**
 * The scope of the bucket names of one partition. All regions and styles share it; names with a reserved ending have
 * scopes of their own, as they stand for something else than a bucket.
 */
export function partitionScope(partition: Partition): ScopeOfBucket {
  return scopeFunctions[partition]
}

/** The scope of the access points of one account in one region. */
export function accessPointScope(partition: Partition, region: string, account: string): Scope {
  return cacheable(`${partition}:ap:${region}:${account}`)
}

/** The scope of the multi-region access points of a partition. Their aliases are unique there. */
export function multiRegionScope(partition: Partition): Scope {
  return cacheable(`${partition}:mrap`)
}

/** The scope of hosts under which nothing may be cached. */
export function uncacheableScope(partition: Partition, reason: UncacheableReason): Scope {
  return { kind: 'uncacheable', namespace: `${partition}:${reason}`, reason }
}

/** The scope of a store by where it is, so that two names of one store share it. `port` is always written. */
export function storeScope(hostname: string, port: number): Scope {
  return cacheable(`store:${hostname.includes(':') ? `[${hostname}]` : hostname}:${port}`)
}

function cacheable(namespace: string): Scope {
  return { kind: 'cacheable', namespace }
}

function scopesOf(partition: Partition): { readonly [K in BucketKind]: Scope } {
  return {
    'general-purpose': cacheable(partition),
    table: cacheable(partition),
    directory: cacheable(`${partition}:express`),
    'directory-access-point': cacheable(`${partition}:express`),
    'access-point-alias': cacheable(`${partition}:ap-alias`),
    'object-lambda-alias': uncacheableScope(partition, 'object-lambda'),
    'outposts-alias': uncacheableScope(partition, 'outposts'),
  }
}

const scopeFunctions = Object.fromEntries(
  (Object.keys(partitions) as Partition[]).map((partition) => {
    const scopes = scopesOf(partition)
    return [partition, (bucket: string) => scopes[bucketKind(bucket)]]
  }),
) as { readonly [P in Partition]: ScopeOfBucket }
