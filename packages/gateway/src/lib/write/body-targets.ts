import type { ByteSource } from '@s3proxy/protocol'
import type { Classified } from '../decide.ts'
import type { Exchange } from '../exchange.ts'
import { tapSource } from '../tap-source.ts'
import { createFormReader } from './form-key.ts'
import type { WriteTarget } from './invalidator.ts'
import { createListedKeysReader } from './listed-keys.ts'

/** An object named in a body. */
export interface NamedObject {
  readonly key: string
  readonly versionId?: string | undefined
}

/** Reads the objects that a write concerns out of its body while that goes up. */
export interface BodyReader {
  push(chunk: Uint8Array): void
  /** The objects found so far; undefined if the body was not understood, so that any of the bucket may be meant. */
  end(): readonly NamedObject[] | undefined
}

/** A body on its way up, and what it says about the write. */
export interface WatchedUpload {
  /** The bytes, untouched. */
  readonly body: ByteSource | undefined
  /** What the body names, as far as it has gone up. Empty for a write whose head says it all. */
  readonly targets: () => WriteTarget[]
}

/** Watches the body of a write whose targets stand in it (DeleteObjects, form upload). */
export function watchUpload(exchange: Exchange, { operation, route }: Classified): WatchedUpload {
  const { body } = exchange
  const { address } = route
  const plain: WatchedUpload = { body, targets: () => [] }
  if (operation.kind !== 'write' || (address.kind !== 'bucket' && address.kind !== 'object')) return plain
  const { kind } = operation.invalidates
  if (kind !== 'listed-keys' && kind !== 'form-key') return plain
  const reader = kind === 'listed-keys' ? createListedKeysReader(exchange) : createFormReader(exchange)
  const { namespace, bucket } = address
  return {
    body: body === undefined ? undefined : tapSource(body, (chunk) => reader.push(chunk)),
    targets() {
      const named = reader.end() ?? [{ key: undefined, versionId: undefined }]
      return named.map(({ key, versionId }) => ({ namespace, bucket, key, versionId }))
    },
  }
}
