import type { CacheStore } from './cache-store.ts'
import { storeError } from './store-error.ts'

/** A store that holds nothing and takes nothing: caching turned off. */
export function createNoopStore(): CacheStore {
  const done = Promise.resolve()
  return {
    lookup: () => ({ kind: 'absent', reason: 'unknown' }),
    read: () => Promise.reject(storeError('misuse', 'nothing is held')),
    begin: () => ({ kind: 'refused', reason: 'disabled' }),
    save: () => Promise.resolve(false),
    refresh: () => undefined,
    remove: () => done,
    whole: () => undefined,
    attach: () => undefined,
    recheck: () => undefined,
    usage: () => ({ memoryBytes: 0, memoryEntries: 0, diskBytes: 0 }),
    close: () => done,
  }
}
