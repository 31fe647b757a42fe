import type { ProxyError } from '@s3proxy/protocol'
import type { Extent } from './cache-store.ts'

/** The tier an event happened in. */
export type Tier = Extent['tier']

/** How full the volume of the cache directory is. */
export interface VolumeState {
  readonly freeBytes: number
  /** What is to stay free. */
  readonly floorBytes: number
  /** Whether less is free: nothing is stored on disk then. */
  readonly isLow: boolean
}

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
  /** The volume has come to have less free than it should, or has enough again. */
  volume(state: VolumeState): void
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
  volume: () => undefined,
  failed: () => undefined,
}
