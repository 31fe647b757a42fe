import { randomUUID } from 'node:crypto'
import { uptime } from 'node:os'
import { setTimeout as sleep } from 'node:timers/promises'
import { type MemoryBudget, unlimitedBudget } from '@s3proxy/protocol'
import type { CacheStore } from '../cache-store.ts'
import { noopObserver, type StoreObserver } from '../observer.ts'
import { toStoreError } from '../store-error.ts'
import { createAnchoredFileSystem } from './anchored-file-system.ts'
import { roomOf } from './claims.ts'
import { describeTrouble } from './directory-trouble.ts'
import { createDiskStore } from './disk-store.ts'
import type { FileSystem } from './file-system.ts'
import { createLayout, isShardName } from './layout.ts'
import { createLedger } from './ledger.ts'
import { claimDirectory, type RefusedDirectory } from './marker.ts'
import { nodeFileSystem } from './node-file-system.ts'
import type { Verification } from './reader.ts'
import { readShareHint } from './share-file.ts'
import { noSpaceRules, type SpaceRules } from './space-rules.ts'
import type { MinFree } from './volume-floor.ts'

export interface DiskTierOptions {
  /** Where the cache lives. Made if it does not exist; must be empty or a cache of ours. */
  readonly directory: string
  /** Upper bound of what `du` counts at any moment, files under way and all instances on the directory included. */
  readonly maxBytes: number
  /** Bytes kept free in the background so that fills need not wait. Default: a twentieth of `maxBytes`, at most 256 MiB. */
  readonly headroomBytes?: number
  /**
   * What stays free of the volume, whoever fills it: looked at every 5 s, and up to four times a second while fills come near. Default
   * `{ bytes: 0 }`: nothing.
   */
  readonly minFree?: MinFree
  /**
   * What is pinned and what has a quota, asked anew each time: rules may change. What they need to know of keys is read from records,
   * so they cost something as soon as there are `any`. Default: none.
   */
  readonly spaceRules?: SpaceRules
  /**
   * Bytes that fills of purpose `write` may take together until what they stored is read: beyond that what was written first
   * leaves. 0: such fills are refused. Default: a tenth of `maxBytes`.
   */
  readonly maxWrittenBytes?: number
  /** Whole objects up to this size live inside their record. Default 64 KiB; at most 1 MiB. */
  readonly embedMaxBytes?: number
  /** Bytes of one fill accepted ahead of the disk. Default 2 MiB. */
  readonly maxDirtyBytes?: number
  /**
   * When the blocks of an extent are checked: `every-read`, or `first-read` since the file was opened, which trusts the
   * operating system's page cache and halves the cost of a repeated read. Default `every-read`.
   */
  readonly verify?: Verification
  /** Read buffers kept for later use, for consumers that give them back (`recycle`). Default 64 MiB. */
  readonly maxPooledBytes?: number
  /** Which every buffer of a reader or fill is charged to. Default: one without an end. */
  readonly budget?: MemoryBudget
  /** Extent files kept open although nobody reads them. Default 256. */
  readonly maxIdleFiles?: number
  /** Memory for what is remembered of the directory, roughly; a key takes 1 to 2 KiB, and a quarter is for small objects. Default 32 MiB. */
  readonly maxIndexBytes?: number
  /** How long what is remembered of a key is trusted, since others may write to the volume. Default 1 s; `Infinity` for one process. */
  readonly indexMaxAgeMs?: number
  /**
   * The same while no other instance is at work on the directory. One that comes is noticed within half a second; what
   * people remove by hand is noticed only then. Default `indexMaxAgeMs`.
   */
  readonly aloneMaxAgeMs?: number
  /** Extents of one key. Default 20,000. */
  readonly maxExtentsPerKey?: number
  /**
   * Neighbouring extents of one representation are merged in the background into one of at most so many bytes; every byte is
   * copied a logarithmic number of times. Default 64 MiB; 0: never.
   */
  readonly maxMergedBytes?: number
  /**
   * `zstd`: extents of 64 KiB and more are compressed in the background, if their Content-Type and their first bytes promise at
   * least an eighth. Objects inside records stay as they are. Default `off`.
   */
  readonly compression?: 'off' | 'zstd'
  /** Age at which another instance's unfinished file counts as left behind. Default 1 h. */
  readonly staleMs?: number
  /**
   * Called within about a second of a removal from outside (`openInspector`): what memory above this tier holds may
   * have been removed. Default: nothing.
   */
  readonly onPurged?: () => void
  /** Bytes per second that are read in the background against their checksums, one instance per directory. Default 0: none. */
  readonly scrubBytesPerSecond?: number
  /** Least time between the beginnings of two rounds of that. Default 7 days. */
  readonly scrubIntervalMs?: number
  /** Unique among all instances that share the directory; letters, digits, `-` and `_`. Default: random. */
  readonly instanceId?: string
  /** Milliseconds since the epoch. Default `Date.now`. */
  readonly now?: () => number
  /**
   * When this machine started, milliseconds since the epoch. What was confirmed before that counts as expired: nothing is
   * synced, so after a power failure a replacement or removal may be undone. Default: by the uptime of the system.
   */
  readonly bootedAt?: () => number
  /** From 0 to 1, 1 excluded. Default `Math.random`. */
  readonly random?: () => number
  /** Waits; paces work in the background. Default: a timer that keeps no process alive. */
  readonly pause?: (delayMs: number) => Promise<void>
  /** Default: the real one. */
  readonly fs?: FileSystem
  /** Default: nobody. */
  readonly observer?: StoreObserver
}

/** What became of opening a cache directory. */
export type DiskTierOpening =
  | {
      readonly kind: 'opened'
      readonly store: CacheStore
      /** Whether other instances are at work on the directory, or may be, at a time (now, milliseconds since the epoch); noticed within half a second. */
      readonly isShared: (at: number) => boolean
    }
  | { readonly kind: 'refused'; readonly reason: RefusedDirectory; readonly message: string }

/** Options with every default filled in. */
export type ResolvedDiskTierOptions = Required<DiskTierOptions>

function resolveDiskTierOptions(options: DiskTierOptions): ResolvedDiskTierOptions {
  const { maxBytes, indexMaxAgeMs = 1000, instanceId = randomUUID() } = options
  if (!(maxBytes > 0)) throw new RangeError('maxBytes must be above 0')
  if (!/^[\w-]{1,64}$/.test(instanceId)) throw new RangeError('instanceId must be 1 to 64 letters, digits, - or _')
  return {
    headroomBytes: Math.min(Math.floor(maxBytes / 20), 256 * 1024 * 1024),
    minFree: { bytes: 0 },
    spaceRules: noSpaceRules,
    maxWrittenBytes: Math.floor(maxBytes / 10),
    embedMaxBytes: 64 * 1024,
    maxDirtyBytes: 2 * 1024 * 1024,
    verify: 'every-read',
    maxPooledBytes: 64 * 1024 * 1024,
    budget: unlimitedBudget,
    maxIdleFiles: 256,
    maxIndexBytes: 32 * 1024 * 1024,
    indexMaxAgeMs,
    aloneMaxAgeMs: indexMaxAgeMs,
    maxExtentsPerKey: 20_000,
    maxMergedBytes: 64 * 1024 * 1024,
    compression: 'off',
    staleMs: 60 * 60 * 1000,
    scrubBytesPerSecond: 0,
    scrubIntervalMs: 7 * 24 * 60 * 60 * 1000,
    onPurged: () => undefined,
    now: Date.now,
    bootedAt: () => Date.now() - uptime() * 1000,
    random: Math.random,
    pause: (delayMs) => sleep(delayMs, undefined, { ref: false }),
    fs: nodeFileSystem,
    observer: noopObserver,
    ...options,
    instanceId,
  }
}

/**
 * Opens a cache directory. Nothing is scanned: serving starts at once, counting goes on in the background. Several
 * processes may open the same directory. Never rejects for what the directory is; a directory that is not a cache is
 * refused and left untouched. Throws RangeError for options out of range.
 */
export async function openDiskTier(options: DiskTierOptions): Promise<DiskTierOpening> {
  const resolved = resolveDiskTierOptions(options)
  const { instanceId } = resolved
  const layout = createLayout(resolved.directory)
  // An identifier may come back after a restart: what an earlier life left behind must not look like ours.
  const life = `${instanceId}-${randomUUID().slice(0, 8)}`
  let names = 0
  const temporaryName = (): string => `${life}-${(names++).toString(36)}`
  try {
    const marked = await claimDirectory(resolved.fs, layout, temporaryName)
    if (marked.kind === 'refused') return marked
    const fs = createAnchoredFileSystem(resolved.fs, layout)
    for (const path of [layout.temporaries, layout.reports, layout.ledger]) await fs.makeDirectory(path)
    const isNew = !(await fs.list(layout.root)).some(isShardName)
    const shareHint = await readShareHint(fs, layout)
    const ledger = createLedger({
      ...resolved,
      fs,
      layout,
      life,
      temporaryName,
      unknown: {
        baseBytes: isNew ? 0 : roomOf(resolved.maxBytes, 1),
        counted: isNew,
        changes: 0,
        claims: new Map(),
      },
      onError: (error) => resolved.observer.failed('scan', toStoreError(error, 'the ledger cannot be tidied')),
    })
    return {
      kind: 'opened',
      ...(await createDiskStore({ ...resolved, fs, layout, life, temporaryName, ledger, shareHint })),
    }
  } catch (cause) {
    const error = toStoreError(cause, 'the directory cannot be used')
    return { kind: 'refused', ...describeTrouble(resolved.directory, error.cause ?? error) }
  }
}
