import { percentDecodeOnce } from '@s3proxy/protocol'
import { bucketNameFault } from './bucket-name.ts'
import type { Scope, ScopeOfBucket, UncacheableReason } from './scope.ts'

/**
 * What a request is about. Buckets and keys are binary strings, percent-decoded exactly once; a namespace tells whose
 * bucket names these are, so that equal names of different stores never meet.
 */
export type Address =
  | { readonly kind: 'service'; readonly namespace: string }
  | { readonly kind: 'bucket'; readonly namespace: string; readonly bucket: string }
  | { readonly kind: 'object'; readonly namespace: string; readonly bucket: string; readonly key: string }
  | { readonly kind: 'uncacheable'; readonly namespace: string; readonly reason: UncacheableReason }

/** An address, or why the path names none. */
export type AddressMatch =
  | { readonly kind: 'address'; readonly address: Address }
  | { readonly kind: 'refused'; readonly reason: string }

/** The address that `path` (raw, begins with `/`) names where the host names the bucket. */
export function addressInBucket(scope: Scope, bucket: string, path: string): Address {
  if (scope.kind === 'uncacheable') return scope
  const { namespace } = scope
  if (path.length === 1) return { kind: 'bucket', namespace, bucket }
  return { kind: 'object', namespace, bucket, key: percentDecodeOnce(path.slice(1)) }
}

/**
 * The address that `path` (raw, begins with `/`) names where it begins with the bucket. The path is split before it is
 * decoded: `%2F` is a byte of the bucket name, which refuses it, and never its end.
 */
export function addressInPath(scopeOf: ScopeOfBucket, path: string): AddressMatch {
  if (path.length === 1) return { kind: 'address', address: { kind: 'service', namespace: scopeOf('').namespace } }
  const slash = path.indexOf('/', 1)
  const bucket = percentDecodeOnce(slash === -1 ? path.slice(1) : path.slice(1, slash))
  const reason = bucketNameFault(bucket)
  if (reason !== undefined) return { kind: 'refused', reason }
  const address = addressInBucket(scopeOf(bucket), bucket, slash === -1 ? '/' : path.slice(slash))
  return { kind: 'address', address }
}
