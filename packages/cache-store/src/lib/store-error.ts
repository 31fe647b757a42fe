import { ProxyError } from '@s3proxy/protocol'

/** Why the store failed: the closed list behind `ProxyError.reason` of every error this package throws. */
export type StoreFailureReason =
  /** A checksum or a frame did not match: what was found is being removed. */
  | 'corrupt'
  /** The extent was evicted, replaced or removed before it was opened. */
  | 'gone'
  /** The file system refused or broke. */
  | 'io'
  /** No room could be made. */
  | 'no-space'
  /** The writer or the store has ended. */
  | 'closed'
  /** Used against the contract. */
  | 'misuse'

/** A failure of the store: code `StoreFailed`, source `store`, so that the gateway turns it into a miss. */
export function storeError(reason: StoreFailureReason, message: string, cause?: unknown): ProxyError {
  return new ProxyError('StoreFailed', { source: 'store', reason, message, cause })
}

/** `error` itself if it is a ProxyError, otherwise an `io` failure with `error` as the cause. */
export function toStoreError(error: unknown, message: string): ProxyError {
  return error instanceof ProxyError ? error : storeError('io', message, error)
}
