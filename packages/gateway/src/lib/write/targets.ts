import { headerValue, type Operation, parseDeleteObjects, percentDecodeOnce } from '@s3proxy/protocol'
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
      return []
    case 'key':
      return [{ namespace, bucket, key, versionId }]
    case 'key-and-source':
      return [
        { namespace, bucket, key, versionId },
        renameSource(address, headerValue(exchange.head.headers, 'x-amz-rename-source')),
      ]
    case 'form-key':
    case 'bucket':
      return [wholeBucket]
  }
}

/** What a DeleteObjects concerns: the keys its body lists, or the whole bucket if it cannot be read. */
export function targetsOfBody(address: BucketAddress, body: Uint8Array | undefined): WriteTarget[] {
  const { namespace, bucket } = address
  const parsed = body === undefined ? undefined : parseDeleteObjects(body)
  if (parsed?.kind !== 'keys') return [{ namespace, bucket, key: undefined, versionId: undefined }]
  return parsed.objects.map(({ key, versionId }) => ({ namespace, bucket, key, versionId }))
}

/** Whether the targets stand in the request's body. */
export function targetsAreInBody(operation: Operation): boolean {
  return operation.kind === 'write' && operation.invalidates.kind === 'listed-keys'
}

/** `x-amz-rename-source` is `/bucket/key` or `key`, percent-encoded (S3 RenameObject); in doubt the whole bucket. */
function renameSource({ namespace, bucket }: BucketAddress, source: string | undefined): WriteTarget {
  const unknown: WriteTarget = { namespace, bucket, key: undefined, versionId: undefined }
  if (source === undefined) return unknown
  const decoded = percentDecodeOnce(source)
  const bare = decoded.startsWith('/') ? decoded.slice(1) : decoded
  return bare.startsWith(`${bucket}/`) ? { ...unknown, key: bare.slice(bucket.length + 1) } : unknown
}
