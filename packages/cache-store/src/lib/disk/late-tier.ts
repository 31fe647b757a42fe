import type { CacheStore } from '../cache-store.ts'
import { createNoopStore } from '../noop-store.ts'
import type { DiskTierOpening } from './disk-tier.ts'
import { createRests } from './rests.ts'

export interface LateTierOptions {
  /**
   * Tries to open the tier. What a directory holds must count as confirmed before `since()`, so as expired: writes that
   * nobody could remove from it may have gone by.
   */
  readonly open: (since: () => number) => Promise<DiskTierOpening>
  /** Time between two tries. Default 5 s. */
  readonly retryMs?: number
  /** Milliseconds since the epoch. */
  readonly now: () => number
  /** Waits. */
  readonly pause: (delayMs: number) => Promise<void>
  /** The tier is there from now on. */
  readonly onOpened: () => void
  /** Trying has failed in a way that no try may. */
  readonly onError: (error: unknown) => void
}

/** A disk tier whose volume cannot be used yet: holds nothing and takes nothing until it can. */
export function createLateTier(options: LateTierOptions): CacheStore {
  const { open, retryMs = 5000, now, pause, onOpened, onError } = options
  const rests = createRests(pause)
  let store = createNoopStore()
  let openedAt = Number.POSITIVE_INFINITY
  let closed = false

  const attempt = async (): Promise<boolean> => {
    const opening = await open(() => openedAt)
    if (opening.kind === 'refused') return false
    if (closed) {
      await opening.store.close()
      return true
    }
    // In one step: what is written before this is expired, what is written after it reaches the tier.
    store = opening.store
    openedAt = now()
    onOpened()
    return true
  }
  const run = async (): Promise<void> => {
    do await rests.rest(retryMs)
    while (!closed && !(await attempt()))
  }
  const running = run().catch(onError)

  return {
    lookup: (key) => store.lookup(key),
    read: (held, extent, range) => store.read(held, extent, range),
    whole: (held) => store.whole(held),
    attach: (representation, bytes) => store.attach(representation, bytes),
    begin: (representation, range, options) => store.begin(representation, range, options),
    save: (representation, validatedAt, guard) => store.save(representation, validatedAt, guard),
    refresh: (representation, validatedAt) => store.refresh(representation, validatedAt),
    remove: (key) => store.remove(key),
    recheck: (key) => store.recheck(key),
    usage: () => store.usage(),
    async close() {
      closed = true
      rests.end()
      await running
      await store.close()
    },
  }
}
