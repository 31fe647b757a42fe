import type { FillPurpose } from '../cache-store.ts'
import { sameBytes } from '../representation.ts'
import { shardOf } from './accounts.ts'
import type { DiskEntry } from './disk-extent.ts'
import { type ChargedEntry, chargeOfEntry } from './entry-charge.ts'
import { createShareAccount, type ShareRoom } from './share-account.ts'
import { createSingleRun } from './single-run.ts'

/** What is asked of a key. */
type WrittenEntry = ChargedEntry & Pick<DiskEntry, 'keyHash'>

export interface WrittenOptions {
  /** Bytes that what has been written and not read can take together. */
  readonly maxBytes: number
  /** Keys remembered at most: beyond that the oldest leaves, as it does for want of bytes. Default 65,536, some 10 MiB of memory. */
  readonly maxKeys?: number
  /** Removes all or, if that frees `wantedBytes`, a part of a key, as far as it may leave. */
  readonly evict: (keyHash: string, wantedBytes: number) => Promise<unknown>
  readonly onError: (error: unknown) => void
}

/**
 * The share of what clients write: keys stored by fills of purpose `write`, until they are read. Once it is full, the one written
 * first leaves. Kept in memory: what an earlier life or another instance has written is not in it.
 */
export interface Written {
  readonly usedBytes: number
  /** Room for a fill of purpose `write`. */
  reserve(bytes: number): ShareRoom
  /** A key has changed on disk; `purpose` of the fill that did it, if one did. */
  changed(before: ChargedEntry | undefined, after: WrittenEntry, purpose?: FillPurpose): void
  /** A key has been read or removed: it is not in the share any more. */
  leave(keyHash: string): void
  stop(): Promise<void>
}

/** Keys in a row that could not leave before those who wait are refused. */
const maxMisses = 16

export function createWritten({ maxBytes, maxKeys = 65_536, evict, onError }: WrittenOptions): Written {
  /** What each key is charged, the oldest first. */
  const kept = new Map<string, number>()
  const account = createShareAccount({ limitBytes: () => maxBytes, assumedBytes: 0, onShortage: () => wake() })

  const leave = (keyHash: string): void => {
    const bytes = kept.get(keyHash)
    if (bytes === undefined) return
    kept.delete(keyHash)
    account.change(shardOf(keyHash), -bytes)
  }
  const keep = (keyHash: string, bytes: number): void => {
    const before = kept.get(keyHash) ?? 0
    kept.set(keyHash, bytes)
    account.change(shardOf(keyHash), bytes - before)
    if (kept.size > maxKeys) wake()
  }
  /** Whether the key is smaller than before, or gone. */
  const evictOne = async (keyHash: string, bytes: number): Promise<boolean> => {
    const tooMany = kept.size > maxKeys
    await evict(keyHash, tooMany ? Number.POSITIVE_INFINITY : account.shortage)
    const left = kept.get(keyHash)
    if (left === undefined || left < bytes) return true
    // Busy, or pinned: the others first.
    kept.delete(keyHash)
    kept.set(keyHash, left)
    if (tooMany) leave(keyHash)
    return false
  }
  const run = async (isStopped: () => boolean): Promise<void> => {
    for (let misses = 0; !isStopped() && misses < maxMisses && (account.shortage > 0 || kept.size > maxKeys); ) {
      const [oldest] = kept
      if (oldest === undefined) break
      misses = (await evictOne(...oldest)) ? 0 : misses + 1
    }
    account.giveUp()
  }
  const { wake, stop } = createSingleRun({
    run,
    isWanted: () => account.hasWaiting,
    giveUp: () => account.giveUp(),
    onError,
  })

  return {
    get usedBytes() {
      return account.usedBytes
    },
    reserve: (bytes) => account.reserve(bytes),
    changed(before, after, purpose) {
      const { keyHash } = after
      const known = kept.get(keyHash)
      if (known === undefined && purpose !== 'write') return
      const bytes = chargeOfEntry(after)
      const isSame = before !== undefined && sameBytes(before.representation, after.representation)
      if (purpose === 'write') {
        // Of what readers have stored nothing is charged here.
        if (known !== undefined || !isSame || before.extents.length === 0) keep(keyHash, bytes)
      } else if (isSame && bytes <= (known ?? 0)) {
        keep(keyHash, bytes)
      } else {
        // Somebody else's bytes, for which nothing was reserved here.
        leave(keyHash)
      }
    },
    leave,
    stop,
  }
}
