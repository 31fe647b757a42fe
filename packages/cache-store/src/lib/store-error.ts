import { ProxyError } from '@s3proxy/protocol'

/** Why the store failed: the closed list behind `ProxyError.reason` of every error this package throws. */
export type StoreFailureReason =
  /** A checksum or a frame did not match: the extent has been removed. */
  | 'corrupt'
  /** The extent was evicted, replaced or removed before it was opened. */
  | 'gone'
  /** The file system refused or broke. */
  | 'io'
  /** No room could be made. */
  | 'no-space'
  /** The writer or the store is closed, or was used against its contract. */
  | 'closed'
  | 'misuse'

/** A failure of the store: code `StoreFailed`, source `store`, so that the gateway turns it into a miss. */
export function storeError(reason: StoreFailureReason, message: string, cause?: unknown): ProxyError {
  return new ProxyError('StoreFailed', { source: 'store', reason, message, cause })
}
