import type { DiskEntry } from './disk-extent.ts'

/** What this process remembers of the directory, by key hash: a bounded cache of what the disk says. */
export interface KeyIndex {
  /** The entry, which becomes the most recently used. */
  get(keyHash: string): DiskEntry | undefined
  /** The entry without a note of its use. */
  peek(keyHash: string): DiskEntry | undefined
  /** Up to `count` key hashes, least recently used first. */
  oldest(count: number): string[]
  set(entry: DiskEntry): void
  delete(keyHash: string): void
  clear(): void
}

/** Remembers as many keys and extents together as `maxEntries`; the least recently used are forgotten first. */
export function createKeyIndex(maxEntries: number): KeyIndex {
  const entries = new Map<string, DiskEntry>()
  let weight = 0
  const weigh = (entry: DiskEntry): number => 1 + entry.extents.length
  const remove = (keyHash: string): void => {
    const entry = entries.get(keyHash)
    if (entry === undefined) return
    entries.delete(keyHash)
    weight -= weigh(entry)
  }
  return {
    get(keyHash) {
      const entry = entries.get(keyHash)
      if (entry === undefined) return undefined
      entries.delete(keyHash)
      entries.set(keyHash, entry)
      return entry
    },
    peek: (keyHash) => entries.get(keyHash),
    oldest(count) {
      const hashes: string[] = []
      for (const keyHash of entries.keys()) if (hashes.push(keyHash) >= count) break
      return hashes
    },
    set(entry) {
      remove(entry.keyHash)
      entries.set(entry.keyHash, entry)
      weight += weigh(entry)
      for (const oldest of entries.keys()) {
        if (weight <= maxEntries) break
        remove(oldest)
      }
    },
    delete: remove,
    clear() {
      entries.clear()
      weight = 0
    },
  }
}
