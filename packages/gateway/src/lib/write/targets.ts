import { headerValue, percentDecodeOnce } from '@s3proxy/protocol'
import type { Address } from '@s3proxy/router'
import type { Classified } from '../decide.ts'
import type { Exchange } from '../exchange.ts'
import type { WriteTarget } from './invalidator.ts'

type BucketAddress = Exclude<Address, { kind: 'service' } | { kind: 'uncacheable' }>

/** What a write concerns as far as its head tells: known before it is forwarded. */
export function targetsOfHead(exchange: Exchange, { route, operation, versionId }: Classified): WriteTarget[] {
  const { address } = route
  if (operation.kind !== 'write' || (address.kind !== 'object' && address.kind !== 'bucket')) return []
  const { namespace, bucket } = address
  const wholeBucket: WriteTarget = { namespace, bucket, key: undefined, versionId: undefined }
  const key = address.kind === 'object' ? address.key : undefined
  switch (operation.invalidates.kind) {
    case 'nothing':
    case 'listed-keys':
    case 'form-key':
      return []
    case 'key':
      return [{ namespace, bucket, key, versionId }]
    case 'key-and-source':
      return [
        { namespace, bucket, key, versionId },
        renameSource(address, headerValue(exchange.head.headers, 'x-amz-rename-source')),
      ]
    case 'bucket':
      return [wholeBucket]
  }
}

/** `x-amz-rename-source` is `/bucket/key` or `key`, percent-encoded (S3 RenameObject); in doubt the whole bucket. */
function renameSource({ namespace, bucket }: BucketAddress, source: string | undefined): WriteTarget {
  const unknown: WriteTarget = { namespace, bucket, key: undefined, versionId: undefined }
  if (source === undefined) return unknown
  const decoded = percentDecodeOnce(source)
  const bare = decoded.startsWith('/') ? decoded.slice(1) : decoded
  return bare.startsWith(`${bucket}/`) ? { ...unknown, key: bare.slice(bucket.length + 1) } : unknown
}
