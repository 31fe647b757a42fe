import type { Held } from '../cache-store.ts'
import type { StoreObserver } from '../observer.ts'
import { sameBytes } from '../representation.ts'
import type { Catalog } from './catalog.ts'
import { extentCharge } from './charge.ts'
import type { Directory } from './directory.ts'
import { type DiskEntry, type DiskExtent, heldOf, lengthOf } from './disk-extent.ts'
import type { Failures } from './failures.ts'
import type { KeyLock } from './key-lock.ts'
import { representationId } from './layout.ts'
import type { Loader } from './load.ts'
import type { Shares } from './shares.ts'
import type { Written } from './written.ts'

export interface RemoverOptions {
  readonly locks: KeyLock
  readonly catalog: Catalog
  readonly directory: Directory
  readonly load: Loader
  readonly shares: Pick<Shares, 'isPinned' | 'entryOf' | 'changed'>
  readonly written: Pick<Written, 'changed' | 'leave'>
  readonly failures: Failures
  readonly observer: StoreObserver
  /** Milliseconds since the epoch. */
  readonly now: () => number
  /** Age from which leftovers are removed. */
  readonly staleMs: number
}

/** Everything that makes bytes go away. What cannot be removed is reported, and stays hidden in this process. */
export interface Remover {
  /**
   * Makes the key absent: at once for this process, on disk when the promise resolves. Rejects with a store error if it may still
   * be there: other processes would find it. Nothing else here rejects.
   */
  remove(keyHash: string): Promise<void>
  /** Removes a key, or its least recently used extents if those free `wantedBytes`; resolves to the bytes freed. */
  evict(keyHash: string, wantedBytes: number): Promise<number>
  /** Removes an extent whose bytes are wrong; the whole key if they are inside the record. */
  removeBroken(held: Held, extent: DiskExtent): void
  /** Removes a key whose record is unreadable, if it still is. */
  repair(keyHash: string): void
  /** Removes leftovers from a key's directory. */
  tidy(keyHash: string): Promise<void>
}

export function createRemover(options: RemoverOptions): Remover {
  const { locks, catalog, directory, load, shares, written, failures, observer, now, staleMs } = options

  /** Removes the whole key, unseen meanwhile. In the key's serial section. */
  const wipe = async (keyHash: string): Promise<number> => {
    catalog.hide(keyHash)
    try {
      const entry = await shares.entryOf(keyHash)
      const freed = await directory.wipe(keyHash)
      shares.changed(entry, undefined)
      written.leave(keyHash)
      return freed
    } catch (error) {
      catalog.condemn(keyHash)
      throw error
    } finally {
      catalog.reveal(keyHash)
    }
  }
  const current = async (keyHash: string): Promise<DiskEntry | undefined> => {
    const known = catalog.peek(keyHash)
    if (known !== undefined) return known
    const loaded = await load(keyHash)
    return loaded.kind === 'entry' ? loaded.entry : undefined
  }
  const removeSome = async (entry: DiskEntry, gone: readonly DiskExtent[]): Promise<void> => {
    const rest = without(entry, gone)
    catalog.set(rest)
    await directory.removeExtents(entry.keyHash, entry.representation, gone)
    shares.changed(entry, rest)
    written.changed(entry, rest)
    // A read of the directory that began before the files were gone would bring them back.
    if (catalog.peek(entry.keyHash) === rest) catalog.set(rest)
    else catalog.forget(entry.keyHash)
  }
  const evictSome = async (entry: DiskEntry, wantedBytes: number): Promise<number> => {
    const victims: DiskExtent[] = []
    let freed = 0
    for (const extent of [...entry.extents].sort((a, b) => a.usedAt - b.usedAt || b.start - a.start)) {
      if (freed >= wantedBytes) break
      victims.push(extent)
      freed += extentCharge(entry.representation, extent)
    }
    await removeSome(entry, victims)
    return freed
  }

  return {
    async remove(keyHash) {
      catalog.hide(keyHash)
      try {
        await locks.run(keyHash, () => wipe(keyHash))
      } catch (error) {
        throw failures.note('remove', error)
      } finally {
        catalog.reveal(keyHash)
      }
    },
    async evict(keyHash, wantedBytes) {
      // Whoever holds the section may be waiting for the very room that is being made.
      if (locks.isBusy(keyHash)) return 0
      try {
        return await locks.run(keyHash, async () => {
          if (await shares.isPinned(keyHash)) return 0
          const entry = await current(keyHash)
          const divisible = entry !== undefined && entry.extents.length > 1 && chargeOf(entry) > 2 * wantedBytes
          const freed = divisible ? await evictSome(entry, wantedBytes) : await wipe(keyHash)
          observer.evicted('disk', freed)
          return freed
        })
      } catch (error) {
        failures.note('evict', error)
        return 0
      }
    },
    removeBroken(held, extent) {
      const { keyHash } = extent
      const known = catalog.peek(keyHash)
      if (known !== undefined && has(known, extent)) catalog.set(without(known, [extent]))
      const remove = async (): Promise<void> => {
        const since = catalog.peek(keyHash)
        // The same range has been filled anew in the meantime.
        if (since !== undefined && has(since, extent)) return
        const entry = await current(keyHash)
        if (entry === undefined || !sameBytes(entry.representation, held.representation)) return
        if (extent.name === undefined) await wipe(keyHash)
        else await removeSome(entry, [extent])
      }
      locks.run(keyHash, remove).catch((error: unknown) => failures.note('remove', error))
    },
    repair(keyHash) {
      const repair = async (): Promise<void> => {
        const loaded = await load(keyHash)
        if (loaded.kind === 'corrupt') await wipe(keyHash)
      }
      locks.run(keyHash, repair).catch((error: unknown) => failures.note('remove', error))
    },
    async tidy(keyHash) {
      if (locks.isBusy(keyHash)) return
      try {
        await locks.run(keyHash, async () => {
          const loaded = await load(keyHash)
          if (loaded.kind === 'failed' || loaded.kind === 'corrupt') return
          const id = loaded.kind === 'entry' ? representationId(loaded.entry.representation) : undefined
          await directory.tidy(keyHash, id, now() - staleMs)
        })
      } catch (error) {
        failures.note('scan', error)
      }
    },
  }
}

function has(entry: DiskEntry, extent: DiskExtent): boolean {
  return entry.extents.some((other) => other.name === extent.name)
}

function without(entry: DiskEntry, gone: readonly DiskExtent[]): DiskEntry {
  const extents = entry.extents.filter((extent) => !gone.some((other) => other.name === extent.name))
  const found = heldOf(entry.representation, entry.found.held.validatedAt, extents)
  return { ...entry, extents, found, heldBytes: lengthOf(extents) }
}

function chargeOf(entry: DiskEntry): number {
  let bytes = 0
  for (const extent of entry.extents) if (extent.name !== undefined) bytes += extentCharge(entry.representation, extent)
  return bytes
}
