import { join } from 'node:path'
import { type CacheStore, createMemoryTier, createTieredStore, openDiskTier } from '@s3proxy/cache-store'
import { createFaultyFileSystem, systemError } from '@s3proxy/cache-store/testing'
import type { MemoryBudget } from '@s3proxy/protocol'
import { createTempDir, type ManualClock } from '@s3proxy/testkit'
import type { EpisodeCache } from './caches.ts'
import type { Random } from './random.ts'
import type { Turnstile } from './turnstile.ts'

/** What a cache on disk is opened with. */
export interface DiskCacheOptions {
  readonly random: Random
  readonly turnstile: Turnstile
  readonly clock: ManualClock
  readonly budget: MemoryBudget
}

/** A cache on a real disk, with or without memory above it, ample or too small, quick, slow or failing. */
export async function drawDiskCache({ random, turnstile, clock, budget }: DiskCacheOptions): Promise<EpisodeCache> {
  const drawn = random.fork('cache')
  const directory = await createTempDir('s3proxy-model-')
  const fails = drawn.chance(0.3) ? 0.05 : 0
  const slow = drawn.pick([0, 0.1, 0.4])
  const maxBytes = drawn.chance(0.3) ? drawn.int(16, 200) * 1024 : 64 << 20
  const maxTransferBytes = drawn.chance(0.2) ? drawn.int(1, 5000) : Number.POSITIVE_INFINITY
  // Nobody drives the turnstile yet while the directory is opened.
  let isOpen = false
  const fs = createFaultyFileSystem({
    maxTransferBytes,
    async before(operation) {
      if (isOpen && drawn.chance(slow)) await turnstile.hold()
      if (operation !== 'close' && drawn.chance(fails)) throw systemError(drawn.pick(['EIO', 'ENOSPC', 'EMFILE']))
    },
  })
  const opened = await openReliably(join(directory.path, 'cache'), {
    maxBytes,
    embedMaxBytes: drawn.pick([0, 500, 65_536]),
    maxDirtyBytes: drawn.pick([1000, 2 << 20]),
    maxIdleFiles: drawn.pick([0, 2, 256]),
    indexMaxAgeMs: drawn.pick([0, 1000, Number.POSITIVE_INFINITY]),
    now: clock.now,
    budget,
    random: drawn.next,
    // What waits for time to pass in the background waits for its turn.
    pause: () => turnstile.hold(),
    fs,
  })
  isOpen = true
  const isTiered = drawn.chance(0.6)
  const store = isTiered ? tier(opened, drawn) : opened
  return {
    name: `${isTiered ? 'memory over ' : ''}disk of ${maxBytes}, failing ${fails}, slow ${slow}`,
    store,
    breaks: fails > 0,
    counts: false,
    patienceMs: 15_000,
    async dispose() {
      await store.close()
      await directory.remove()
    },
  }
}

function tier(disk: CacheStore, drawn: Random): CacheStore {
  const maxBytes = drawn.chance(0.4) ? drawn.int(1, 30) * 1024 : 32 << 20
  const memory = createMemoryTier({ maxBytes, maxExtentBytes: maxBytes })
  return createTieredStore({ memory, disk, promoteMaxBytes: drawn.pick([0, 2000, 8 << 20]) })
}

/** Opens a directory through a file system that may fail, as often as it takes. */
async function openReliably(
  directory: string,
  options: Omit<Parameters<typeof openDiskTier>[0], 'directory'>,
): Promise<CacheStore> {
  for (let attempt = 0; attempt < 100; attempt++) {
    const opening = await openDiskTier({ bootedAt: () => 0, ...options, directory: `${directory}-${attempt}` })
    if (opening.kind === 'opened') return opening.store
  }
  throw new Error('the directory cannot be opened')
}
