import { setTimeout as sleep } from 'node:timers/promises'
import {
  type CacheStore,
  createEviction,
  createLateTier,
  createMemoryTier,
  createNoopStore,
  createTieredStore,
  type DiskTierOpening,
  type DiskTierOptions,
  noSpaceRules,
  openDiskTier,
  type SpaceRules,
  type StoreObserver,
} from '@s3proxy/cache-store'
import { type MemoryBudget, toProxyError } from '@s3proxy/protocol'
import type { Config } from './config/config.ts'

/** A store that is ready, or why there is none, in a line for people. */
export type OpenedStore =
  | {
      readonly kind: 'opened'
      readonly store: CacheStore
      /** `open`; `late`: its volume cannot be used yet, which is tried again; `none`: nothing is kept on disk. */
      readonly disk: 'open' | 'late' | 'none'
    }
  | { readonly kind: 'failed'; readonly message: string }

/**
 * For how long memory speaks for a key without the disk, and the disk's index without the directory: what another process
 * changes is seen within the sum, one second.
 */
const trustMs = 500

/** The same for a process that is alone on its directory. What people remove by hand is seen within the sum. */
const aloneTrustMs = 5000

/** What the configuration says of the tiers. */
export type StoreConfig = Pick<
  Config['cache'],
  'directory' | 'maxBytes' | 'memoryBytes' | 'eviction' | 'compression' | 'scrub' | 'minFree'
>

/** Who opens the tiers, and who is told of them. */
export interface OpenStoreOptions {
  readonly config: StoreConfig
  readonly observer: StoreObserver
  readonly budget: MemoryBudget
  /** Default: none. */
  readonly spaceRules?: SpaceRules
  /** The cache directory cannot be used: nothing is kept on disk for now. */
  readonly onUncached: (message: string) => void
  /** It can be used from now on. */
  readonly onCached: () => void
  /** Waits between two tries. Default: a timer that keeps no process alive. */
  readonly pause?: (delayMs: number) => Promise<void>
}

/**
 * The tiers that the configuration asks for, under one contract. A directory that belongs to somebody else, or whose path or
 * permissions are wrong, is a failure; where the volume is to blame or a newer version, the service goes on without it.
 */
export async function openStore(options: OpenStoreOptions): Promise<OpenedStore> {
  const { config, observer, budget, spaceRules = noSpaceRules, onUncached, onCached } = options
  const { pause = (delayMs) => sleep(delayMs, undefined, { ref: false }) } = options
  const { memoryBytes, eviction } = config
  const memory =
    memoryBytes === 0
      ? undefined
      : createMemoryTier({ maxBytes: memoryBytes, eviction: createEviction(eviction), observer })
  const withMemory = (disk: CacheStore, isShared: (at: number) => boolean): CacheStore =>
    memory === undefined
      ? disk
      : createTieredStore({ memory, disk, trustMs: (at) => (isShared(at) ? trustMs : aloneTrustMs) })
  const withoutDisk = (): CacheStore => memory ?? createNoopStore()
  if (config.maxBytes === 0) return { kind: 'opened', store: withoutDisk(), disk: 'none' }
  const open = (expiry: Partial<DiskTierOptions>): Promise<DiskTierOpening> =>
    openDiskTier({
      directory: config.directory,
      maxBytes: config.maxBytes,
      minFree: config.minFree,
      spaceRules,
      compression: config.compression,
      indexMaxAgeMs: trustMs,
      aloneMaxAgeMs: aloneTrustMs,
      onPurged: () => memory?.clear(),
      scrubBytesPerSecond: config.scrub.bytesPerSecond,
      scrubIntervalMs: config.scrub.intervalMs,
      observer,
      budget,
      ...expiry,
    })
  const disk = await open({})
  if (disk.kind === 'opened') return { kind: 'opened', store: withMemory(disk.store, disk.isShared), disk: 'open' }
  const message = `cache.dir: ${disk.message}`
  switch (disk.reason) {
    case 'foreign':
    case 'inaccessible':
      return { kind: 'failed', message }
    case 'unknown-format':
      onUncached(message)
      return { kind: 'opened', store: withoutDisk(), disk: 'none' }
    case 'unavailable': {
      onUncached(message)
      const late = createLateTier({
        open: (since) => open({ bootedAt: since }),
        now: Date.now,
        pause,
        onOpened: onCached,
        onError: (error) => observer.failed('scan', toProxyError(error, 'store')),
      })
      return { kind: 'opened', store: withMemory(late, () => true), disk: 'late' }
    }
  }
}
