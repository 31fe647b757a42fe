import { representationBytes } from '../representation.ts'
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

/** Memory of an entry and of an extent apart from the strings, roughly. */
const entryBytes = 512
const extentBytes = 256

/** Remembers keys and their extents in some `maxBytes` of memory; the least recently used are forgotten first. */
export function createKeyIndex(maxBytes: number): KeyIndex {
  const entries = new Map<string, DiskEntry>()
  let bytes = 0
  const weigh = (entry: DiskEntry): number =>
    entryBytes + representationBytes(entry.representation) + entry.extents.length * extentBytes
  const remove = (keyHash: string): void => {
    const entry = entries.get(keyHash)
    if (entry === undefined) return
    entries.delete(keyHash)
    bytes -= weigh(entry)
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
      bytes += weigh(entry)
      for (const oldest of entries.keys()) {
        if (bytes <= maxBytes) break
        remove(oldest)
      }
    },
    delete: remove,
    clear() {
      entries.clear()
      bytes = 0
    },
  }
}
