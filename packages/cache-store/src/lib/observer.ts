import type { ProxyError } from '@s3proxy/protocol'
import type { Extent } from './cache-store.ts'

/** The tier an event happened in. */
export type Tier = Extent['tier']

/** The operations a failure is reported for. */
export type StoreOperation =
  | 'lookup'
  | 'read'
  | 'fill'
  | 'save'
  | 'refresh'
  | 'remove'
  | 'evict'
  | 'scan'
  | 'close'
  | 'mark'
  | 'wait'

/**
 * What the tiers tell the outside, for metrics and logs. Called synchronously on hot paths: count and return.
 * Nothing here may throw. Keys are never passed on: they can be secret.
 */
export interface StoreObserver {
  /** `bytes` left the tier towards a reader. */
  read(tier: Tier, bytes: number): void
  /** An extent of `bytes` was published in the tier. */
  written(tier: Tier, bytes: number): void
  /** An extent or a record of `bytes` (its charge) left to make room. */
  evicted(tier: Tier, bytes: number): void
  /** Something unreadable was found, and is being removed. */
  corrupt(what: 'record' | 'extent'): void
  /** `bytes` on disk have been read against their checksums in the background. */
  scrubbed(bytes: number): void
  /** An operation failed. The store has already dealt with it. */
  failed(operation: StoreOperation, error: ProxyError): void
}

/** Observes nothing. */
export const noopObserver: StoreObserver = {
  read: () => undefined,
  written: () => undefined,
  evicted: () => undefined,
  corrupt: () => undefined,
  scrubbed: () => undefined,
  failed: () => undefined,
}
