import type { AbsentReason, Lookup } from '../cache-store.ts'
import { sameBytes } from '../representation.ts'
import { storeError } from '../store-error.ts'
import { createAbsences } from './absences.ts'
import type { Breaker } from './breaker.ts'
import { type DiskEntry, DiskExtent, heldOf } from './disk-extent.ts'
import { createKeyIndex } from './key-index.ts'
import { createKeyNews } from './key-news.ts'
import { hashKey } from './layout.ts'
import type { Loaded, Loader } from './load.ts'
import { createReadings, type Reading } from './readings.ts'

export interface CatalogOptions {
  readonly load: Loader
  /** Milliseconds since the epoch. */
  readonly now: () => number
  readonly maxIndexBytes: number
  /** How long what is remembered of a key is trusted. */
  readonly maxAgeMs: (at: number) => number
  readonly breaker: Breaker
  /** A lookup has found the entry. */
  readonly onSeen: (entry: DiskEntry) => void
  /** A lookup found something unreadable. */
  readonly onCorrupt: (keyHash: string) => void
  /** The file system failed. */
  readonly onFailure: (error: unknown) => void
}

/**
 * What is current of each key: the directory's truth, this process's memory of it, and what has been taken back but
 * not yet removed. A read of the directory that raced with a change never outlives it.
 */
export interface Catalog {
  lookup(key: string): Lookup | Promise<Lookup>
  /** For the key's serial section: what is current, from memory or disk. Rejects if the disk cannot tell. */
  current(keyHash: string): Promise<Current>
  /** What this process remembers and still trusts. */
  fresh(keyHash: string): DiskEntry | undefined
  /** What this process remembers, however old. */
  peek(keyHash: string): DiskEntry | undefined
  /** Key hashes this process has not used for longest. */
  leastUsed(count: number): readonly string[]
  /** `entry` is what the directory says from now on. */
  set(entry: DiskEntry): void
  /** Only the directory knows, from now on. */
  forget(keyHash: string): void
  /** Others have stored something of the key: a lookup from now on sees it. */
  recheck(key: string): void
  /** Makes the key absent until `reveal` has been called as often. */
  hide(keyHash: string): void
  reveal(keyHash: string): void
  isHidden(keyHash: string): boolean
  /** What should have been removed cannot be: absent until something new is published. */
  condemn(keyHash: string): void
  /** Resolves when no directory is being read. */
  idle(): Promise<void>
  /** Only the directory knows, of every key. */
  clear(): void
}

/** What is current of a key. */
export interface Current {
  readonly entry: DiskEntry | undefined
  /** Whether others have stored something since it was read. */
  readonly hasNews: () => boolean
}

/** Reads of the directory for one lookup; a key that changes more often than this is as good as absent. */
const maxLoads = 4

/** Removals that failed and are remembered. Beyond this the disk is past help and nothing of it is shown any more. */
const maxCondemned = 10_000

export function createCatalog(options: CatalogOptions): Catalog {
  const { load, now, maxAgeMs, breaker, onSeen, onCorrupt, onFailure } = options
  const index = createKeyIndex((options.maxIndexBytes * 3) / 4)
  const readings = createReadings()
  const absences = createAbsences()
  const news = createKeyNews()
  const hidden = new Map<string, number>()
  const condemned = new Set<string>()

  const isRecent = (loadedAt: number): boolean => {
    const at = now()
    return at - loadedAt <= maxAgeMs(at)
  }
  const isFresh = (entry: DiskEntry): boolean => isRecent(entry.loadedAt)
  const fresh = (keyHash: string): DiskEntry | undefined => {
    const entry = index.peek(keyHash)
    return entry !== undefined && isFresh(entry) ? entry : undefined
  }
  /** Whether this process knows, and still trusts, that there is nothing. */
  const isAbsent = (keyHash: string): boolean => {
    const askedAt = absences.askedAt(keyHash)
    return askedAt !== undefined && isRecent(askedAt)
  }
  const install = (entry: DiskEntry): DiskEntry => {
    const merged = remember(entry, index.peek(entry.keyHash))
    index.set(merged)
    return merged
  }
  const start = (keyHash: string): Reading => {
    const askedAt = now()
    const reading = readings.begin(keyHash, async () => {
      const loaded = await load(keyHash)
      if (reading.isSuperseded || reading.isBehind) return loaded
      if (loaded.kind === 'entry') return { ...loaded, entry: install(loaded.entry) }
      index.delete(keyHash)
      if (loaded.kind === 'absent') absences.note(keyHash, askedAt)
      report(keyHash, loaded)
      return loaded
    })
    return reading
  }
  const report = (keyHash: string, loaded: Loaded): void => {
    if (loaded.kind === 'corrupt') onCorrupt(keyHash)
    if (loaded.kind === 'failed') onFailure(loaded.error)
    else breaker.succeeded()
  }

  /** What was loaded as an answer; an embedded body that was read on the way comes along, for this answer only. */
  const toLookup = (loaded: Loaded, key: string): Lookup => {
    switch (loaded.kind) {
      case 'absent':
        return absent('unknown')
      case 'corrupt':
        return absent('corrupt')
      case 'failed':
        return absent('unavailable')
      case 'entry': {
        const { entry, body } = loaded
        if (entry.representation.key !== key) return absent('unknown')
        onSeen(entry)
        if (body === undefined || body.length === 0) return entry.found
        const extents = entry.extents.map((extent) => new DiskExtent(entry.keyHash, undefined, extent, now(), body))
        return heldOf(entry.representation, entry.found.held.validatedAt, extents)
      }
    }
  }
  const lookupLoading = async (key: string, keyHash: string): Promise<Lookup> => {
    for (let loads = 0; loads < maxLoads; loads++) {
      const reading = readings.current(keyHash) ?? start(keyHash)
      const loaded = await reading.result
      if (!reading.isSuperseded) return toLookup(loaded, key)
      const known = lookupKnown(key, keyHash)
      if (known !== undefined) return known
    }
    return absent('unknown')
  }
  /** The answer if it takes no look at the disk. */
  const lookupKnown = (key: string, keyHash: string): Lookup | undefined => {
    if (hidden.has(keyHash) || condemned.has(keyHash)) return absent('unknown')
    const entry = index.get(keyHash)
    if (entry !== undefined && isFresh(entry) && entry.representation.key === key) {
      onSeen(entry)
      return entry.found
    }
    if (condemned.size >= maxCondemned || !breaker.allows()) return absent('unavailable')
    return entry === undefined && isAbsent(keyHash) ? absent('unknown') : undefined
  }

  const lookup = (key: string): Lookup | Promise<Lookup> => {
    const keyHash = hashKey(key)
    return lookupKnown(key, keyHash) ?? lookupLoading(key, keyHash)
  }
  const readCurrent = async (keyHash: string): Promise<Current> => {
    const seen = news.count(keyHash)
    const entry = fresh(keyHash) ?? (isAbsent(keyHash) ? undefined : await loadCurrent(keyHash))
    return { entry, hasNews: () => news.count(keyHash) !== seen }
  }
  const loadCurrent = async (keyHash: string): Promise<DiskEntry | undefined> => {
    const loaded = await load(keyHash)
    if (loaded.kind === 'failed') throw storeError('io', 'the directory of a key cannot be read', loaded.error)
    return loaded.kind === 'entry' ? remember(loaded.entry, index.peek(keyHash)) : undefined
  }

  return {
    lookup,
    fresh,
    async current(keyHash) {
      for (let loads = 1; ; loads++) {
        const found = await readCurrent(keyHash)
        if (!found.hasNews() || loads === maxLoads) return found
      }
    },
    peek: (keyHash) => index.peek(keyHash),
    leastUsed: (count) => index.oldest(count),
    set(entry) {
      readings.supersede(entry.keyHash)
      absences.forget(entry.keyHash)
      condemned.delete(entry.keyHash)
      index.set(entry)
    },
    forget(keyHash) {
      news.note(keyHash)
      absences.forget(keyHash)
      readings.supersede(keyHash)
      index.delete(keyHash)
    },
    recheck(key) {
      const keyHash = hashKey(key)
      news.note(keyHash)
      absences.forget(keyHash)
      const wasRead = readings.leaveBehind(keyHash)
      const wasKnown = index.peek(keyHash) !== undefined
      index.delete(keyHash)
      // Read at once, so that what is being copied to memory is not given up for want of knowledge.
      if (wasRead || wasKnown) void lookup(key)
    },
    hide(keyHash) {
      absences.forget(keyHash)
      readings.supersede(keyHash)
      index.delete(keyHash)
      hidden.set(keyHash, (hidden.get(keyHash) ?? 0) + 1)
    },
    reveal(keyHash) {
      const count = (hidden.get(keyHash) ?? 0) - 1
      if (count > 0) hidden.set(keyHash, count)
      else hidden.delete(keyHash)
    },
    isHidden: (keyHash) => hidden.has(keyHash),
    condemn(keyHash) {
      if (condemned.size < maxCondemned) condemned.add(keyHash)
    },
    idle: readings.idle,
    clear() {
      readings.supersedeAll()
      absences.clear()
      index.clear()
    },
  }
}

function absent(reason: AbsentReason): Lookup {
  return { kind: 'absent', reason }
}

/** `entry` as just read, with what only this process's memory knew. */
function remember(entry: DiskEntry, known: DiskEntry | undefined): DiskEntry {
  if (known === undefined || !sameBytes(known.representation, entry.representation)) return entry
  const uses = new Map(known.extents.map((extent) => [extent.name, extent.usedAt]))
  for (const extent of entry.extents) extent.usedAt = Math.max(extent.usedAt, uses.get(extent.name) ?? 0)
  entry.newScore = known.newScore
  entry.seenAt = known.seenAt
  entry.notedAt = known.notedAt
  const validatedAt = Math.max(entry.found.held.validatedAt, known.found.held.validatedAt)
  entry.found = heldOf(entry.representation, validatedAt, entry.extents)
  return entry
}
