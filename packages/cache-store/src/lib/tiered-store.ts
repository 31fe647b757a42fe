import { type ByteRange, type ByteSource, rangeLength } from '@s3proxy/protocol'
import type { CacheStore, Extent, FillStart, Held } from './cache-store.ts'
import { createCopies } from './copies.ts'
import type { MemoryTier } from './memory/memory-tier.ts'
import { promoting } from './promotion.ts'
import { isWhole, sameBytes } from './representation.ts'
import { createSettle } from './settle.ts'
import { createTieredWriter } from './tiered-writer.ts'
import { createTurns } from './turns.ts'

export interface TieredStoreOptions {
  readonly memory: MemoryTier
  readonly disk: CacheStore
  /**
   * Ranges up to this size are copied to memory when they are read from disk, as far as memory takes them.
   * Default 8 MiB, the part size of the common S3 clients. 0 turns promotion off.
   */
  readonly promoteMaxBytes?: number
  /**
   * For how long memory speaks for a key without the disk, milliseconds, asked at every lookup with the time it is (`at`):
   * others may write to the same directory. What they replace or remove is not taken for current any more after this and the disk's
   * `indexMaxAgeMs`. Default 500.
   */
  readonly trustMs?: (at: number) => number
  /** Milliseconds since the epoch. Default `Date.now`. */
  readonly now?: () => number
}

/**
 * Memory over disk as one store. Every change goes through the disk's serial section of the key and reaches memory at
 * the moment the disk's guard is asked, so that both tiers always name the same representation:
 *
 * - `lookup` is synchronous when memory holds the whole object and may speak for it ({@link Settle}); otherwise the disk is
 *   asked too and coverage is the union of both.
 * - `begin` fills both; a tier that refuses or fails drops out and the other goes on.
 * - what is read from disk is promoted, unless the key has changed meanwhile or another reader is promoting it.
 */
export function createTieredStore(options: TieredStoreOptions): CacheStore {
  const { memory, disk, promoteMaxBytes = 8 * 1024 * 1024, trustMs = () => 500, now = Date.now } = options
  const turns = createTurns()
  const copies = createCopies()

  const settle = createSettle({ memory, trustMs, now })

  /** Whether `held` is still what the disk says, as far as it says so without waiting, and nothing is changing. */
  const isCurrent = (held: Held): boolean => {
    if (turns.isBusy(held.representation.key)) return false
    const lookup = disk.lookup(held.representation.key)
    if (lookup instanceof Promise) return false
    return lookup.kind === 'held' && sameBytes(lookup.held.representation, held.representation)
  }
  const promote = (held: Held, range: ByteRange, source: ByteSource): ByteSource => {
    const { key, etag } = held.representation
    const copy = copies.begin(`${range.start}-${range.end} ${etag} ${key}`, () => {
      const start = memory.begin(held.representation, range)
      return start.kind === 'refused' ? undefined : start.writer
    })
    if (copy === undefined) return source
    const guard = (): boolean => isCurrent(held)
    return promoting(source, copy, { length: rangeLength(range), validatedAt: held.validatedAt, guard })
  }
  const readDisk = (held: Held, extent: Extent, range: ByteRange): ByteSource | Promise<ByteSource> => {
    const source = disk.read(held, extent, range)
    if (rangeLength(range) > promoteMaxBytes || range.start >= range.end) return source
    return source instanceof Promise
      ? source.then((opened) => promote(held, range, opened))
      : promote(held, range, source)
  }

  return {
    lookup(key) {
      const inMemory = memory.lookup(key)
      if (inMemory.kind === 'held' && isWhole(inMemory.held) && settle.isTrusted(inMemory.held)) return inMemory
      const askedAt = now()
      const onDisk = disk.lookup(key)
      // Memory may have changed while the disk was read.
      return onDisk instanceof Promise
        ? onDisk.then((found) => settle.join(memory.lookup(key), found, askedAt))
        : settle.join(inMemory, onDisk, askedAt)
    },
    whole: (held) => memory.whole(held),
    attach: (representation, bytes) => memory.attach(representation, bytes),
    read: (held, extent, range) =>
      extent.tier === 'memory' ? memory.read(held, extent, range) : readDisk(held, extent, range),
    begin(representation, range, options): FillStart {
      const onDisk = disk.begin(representation, range, options)
      const inMemory = memory.begin(representation, range)
      if (onDisk.kind === 'refused' && inMemory.kind === 'refused')
        return onDisk.reason === 'disabled' ? inMemory : onDisk
      const writer = createTieredWriter({
        memory,
        disk,
        turns,
        representation,
        memoryWriter: inMemory.kind === 'writer' ? inMemory.writer : undefined,
        diskWriter: onDisk.kind === 'writer' ? onDisk.writer : undefined,
      })
      return { kind: 'writer', writer }
    },
    async save(representation, validatedAt, guard) {
      const turn = turns.begin(representation.key)
      let asked = false
      let inMemory = false
      const publish = (): boolean => {
        asked = true
        if (turn.isLate || !guard()) return false
        turn.take()
        inMemory = memory.saveNow(representation, validatedAt)
        return true
      }
      try {
        const onDisk = await disk.save(representation, validatedAt, publish)
        if (!asked) publish()
        return onDisk || inMemory
      } finally {
        turn.end()
      }
    },
    refresh(representation, validatedAt) {
      turns.whenIdle(representation.key, () => memory.refresh(representation, validatedAt))
      disk.refresh(representation, validatedAt)
    },
    async remove(key) {
      turns.remove(key)
      await Promise.all([memory.remove(key), disk.remove(key)])
    },
    recheck: (key) => disk.recheck(key),
    usage() {
      const upper = memory.usage()
      return { ...disk.usage(), memoryBytes: upper.memoryBytes, memoryEntries: upper.memoryEntries }
    },
    async close() {
      await Promise.all([memory.close(), disk.close()])
    },
  }
}
