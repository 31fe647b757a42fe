import {
  type CacheStore,
  createEviction,
  createMemoryTier,
  createNoopStore,
  createTieredStore,
  noSpaceRules,
  openDiskTier,
  type SpaceRules,
  type StoreObserver,
} from '@s3proxy/cache-store'
import type { MemoryBudget } from '@s3proxy/protocol'
import type { Config } from './config/config.ts'

/** A store that is ready, or why there is none, in a line for people. */
export type OpenedStore =
  | { readonly kind: 'opened'; readonly store: CacheStore }
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

/** The tiers that the configuration asks for, under one contract. */
export async function openStore(
  config: StoreConfig,
  observer: StoreObserver,
  budget: MemoryBudget,
  spaceRules: SpaceRules = noSpaceRules,
): Promise<OpenedStore> {
  const { memoryBytes, eviction } = config
  const memory =
    memoryBytes === 0
      ? undefined
      : createMemoryTier({ maxBytes: memoryBytes, eviction: createEviction(eviction), observer })
  if (config.maxBytes === 0) return { kind: 'opened', store: memory ?? createNoopStore() }
  const disk = await openDiskTier({
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
  })
  if (disk.kind === 'refused') return { kind: 'failed', message: `cache.dir: ${disk.message}` }
  const { store: lower, isShared } = disk
  const store =
    memory === undefined
      ? lower
      : createTieredStore({ memory, disk: lower, trustMs: () => (isShared() ? trustMs : aloneTrustMs) })
  return { kind: 'opened', store }
}
