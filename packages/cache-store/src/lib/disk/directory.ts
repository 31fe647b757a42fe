import type { Representation } from '../cache-store.ts'
import { encodeRecord, type StoredRecord } from '../record.ts'
import { storeError } from '../store-error.ts'
import { shardOf } from './accounts.ts'
import { directoryCharge, directoryChargeOf, extentCharge, fileCharge } from './charge.ts'
import type { DiskExtent } from './disk-extent.ts'
import type { FencedFileSystem } from './fence.ts'
import { writeFully } from './file-io.ts'
import { type FileStat, isMissing, isTaken, systemErrorCode } from './file-system.ts'
import type { Handles } from './handles.ts'
import { createKeyDirectories, type Pay } from './key-directories.ts'
import { type Layout, parseExtentName, recordName } from './layout.ts'
import type { Score } from './score.ts'
import type { Reservation, Space } from './space.ts'

export interface DirectoryOptions {
  readonly fs: FencedFileSystem
  readonly layout: Layout
  readonly handles: Pick<Handles, 'drop'>
  readonly space: Pick<Space, 'linger' | 'free' | 'released'>
  /** A name for a temporary file that no instance has ever used. */
  readonly temporaryName: () => string
  readonly onError: (error: unknown) => void
}

/** A whole file that nobody can find yet. */
export interface Staged {
  readonly path: string
  readonly bytes: number
}

/** A whole file and the name it gets in a key's directory. */
export interface Placed {
  readonly path: string
  readonly name: string
  /** What it is charged for. */
  readonly charge: number
}

/** Changes to keys' directories, with the account of their bytes. Called in the key's serial section only. */
export interface Directory {
  /** Writes a record beside the tree. */
  stageRecord(record: StoredRecord, score: Score, validatedAt: number): Promise<Staged>
  /**
   * Moves whole files into a key's directory, one after the other, over those of the same names. They and what
   * directories grow by are spent from `reservation`; what is replaced is freed. `isNew`: there was no such directory
   * when last looked at.
   */
  place(keyHash: string, files: readonly Placed[], reservation: Reservation, isNew: boolean): Promise<void>
  /** Removes a file beside the tree. Never rejects. */
  discard(path: string): Promise<void>
  /** Removes extent files; those that are gone already are no failure. */
  removeExtents(keyHash: string, representation: Representation, extents: readonly DiskExtent[]): Promise<void>
  /** Removes files of a key; resolves to the bytes freed. */
  removeNamed(keyHash: string, names: readonly string[]): Promise<number>
  /** Removes what cannot belong to the representation named `id`, if it is older than `staleBefore`. */
  tidy(keyHash: string, id: string | undefined, staleBefore: number): Promise<void>
  /** Removes everything of a key, the record first; resolves to the bytes freed. Rejects if anything stays. */
  wipe(keyHash: string): Promise<number>
}

/** How often a directory is made for a file that other processes remove under it. */
const maxPlacements = 4

/** Turns in a row that others may win. */
const maxAttempts = 100

export function createDirectory(options: DirectoryOptions): Directory {
  const { fs, layout, handles, space, temporaryName, onError } = options
  const directories = createKeyDirectories(fs, layout)

  const removeFile = async (path: string): Promise<boolean> => {
    try {
      await fs.removeFile(path)
      return true
    } catch (error) {
      if (isMissing(error)) return false
      throw error
    }
  }
  /** The disk has the bytes back once no reader holds the file any more. */
  const freeFile = async (keyHash: string, path: string, bytes: number): Promise<void> => {
    space.linger(bytes)
    space.free(shardOf(keyHash), bytes)
    await handles.drop(path, () => space.released(bytes))
  }
  const list = async (path: string): Promise<string[]> => {
    try {
      return await fs.list(path)
    } catch (error) {
      if (isMissing(error)) return []
      throw error
    }
  }
  const removeDirectory = async (keyHash: string): Promise<number> => {
    const freed = await removeIfEmpty(layout.key(keyHash), keyHash)
    if (freed === 0) return 0
    // Empty directories above would make sampling for eviction futile.
    const above = await removeIfEmpty(layout.bucketOf(keyHash), keyHash)
    return above === 0 ? freed : freed + above + (await removeIfEmpty(layout.shardOf(keyHash), keyHash))
  }
  /** Resolves to the bytes freed; 0: it is gone already, or another instance has just put something in. */
  const removeIfEmpty = async (path: string, keyHash: string): Promise<number> => {
    try {
      const bytes = directoryChargeOf(await fs.stat(path))
      await fs.removeDirectory(path)
      space.free(shardOf(keyHash), bytes)
      return bytes
    } catch (error) {
      const code = systemErrorCode(error)
      if (code === 'ENOENT' || code === 'ENOTEMPTY' || code === 'EEXIST') return 0
      throw error
    }
  }
  const removeCounted = async (keyHash: string, name: string): Promise<number> => {
    const path = layout.file(keyHash, name)
    try {
      const bytes = freedBy(await fs.stat(path))
      if (!(await removeFile(path))) return 0
      await freeFile(keyHash, path, bytes)
      return bytes
    } catch (error) {
      if (isMissing(error)) return 0
      throw error
    }
  }
  /**
   * Removes a file that another instance may replace at any time: taken away first, so that what is freed is what is
   * gone. Resolves to its charge, 0 if there is none.
   */
  const removeTaken = async (keyHash: string, path: string): Promise<number> => {
    const taken = layout.temporary(temporaryName())
    try {
      await fs.rename(path, taken)
      const bytes = freedBy(await fs.stat(taken))
      await fs.removeFile(taken)
      await freeFile(keyHash, path, bytes)
      return bytes
    } catch (error) {
      if (isMissing(error)) return 0
      throw error
    }
  }
  const placeExtent = async (path: string, keyHash: string, name: string): Promise<void> => {
    const target = layout.file(keyHash, name)
    for (let attempt = 0; attempt < maxAttempts; attempt++) {
      try {
        await fs.link(path, target)
        await discard(path)
        return
      } catch (error) {
        if (!isTaken(error)) throw error
        await removeTaken(keyHash, target)
      }
    }
    throw storeError('io', 'an extent is replaced as fast as it is removed')
  }
  /** The record changes in one step. What it takes the place of is kept by a second name, to be freed by one instance. */
  const placeRecord = async (path: string, keyHash: string): Promise<void> => {
    const replaced = layout.replacedRecord(keyHash)
    const isOurs = await linkIfFree(layout.record(keyHash), replaced)
    try {
      await fs.rename(path, layout.record(keyHash))
    } finally {
      if (isOurs) await freeReplaced(keyHash, replaced)
    }
  }
  /**
   * `isOurs`: the directory was made here a moment ago, and what it has not cannot be replaced. Should another process put
   * the same into it in between, that stays charged until the next count.
   */
  const placeFile = async ({ path, name }: Placed, keyHash: string, pay: Pay, isOurs: boolean): Promise<void> => {
    for (let attempt = 0; ; attempt++) {
      try {
        if (isOurs && attempt === 0) return await fs.add(path, layout.file(keyHash, name))
        return name === recordName ? await placeRecord(path, keyHash) : await placeExtent(path, keyHash, name)
      } catch (error) {
        // Made anew; another process may remove it in between, and again.
        if (!isMissing(error) || attempt === maxPlacements) throw error
        await directories.make(keyHash, pay)
      }
    }
  }
  const linkIfFree = async (from: string, to: string): Promise<boolean> => {
    try {
      await fs.link(from, to)
      return true
    } catch (error) {
      if (isMissing(error) || isTaken(error)) return false
      throw error
    }
  }
  const freeReplaced = async (keyHash: string, path: string): Promise<void> => {
    try {
      const bytes = freedBy(await fs.stat(path))
      if (await removeFile(path)) space.free(shardOf(keyHash), bytes)
    } catch (error) {
      onError(error)
    }
  }
  const discard = async (path: string): Promise<void> => {
    try {
      await removeFile(path)
    } catch (error) {
      onError(error)
    }
  }

  return {
    discard,
    async stageRecord(record, score, validatedAt) {
      const bytes = encodeRecord(record)
      const path = layout.temporary(temporaryName())
      const file = await fs.open(path, 'create')
      try {
        await writeFully(file, [bytes], 0)
        await file.setTimes(score, validatedAt)
      } catch (error) {
        await discard(path)
        throw error
      } finally {
        file.close().catch(onError)
      }
      return { path, bytes: bytes.length }
    },
    async place(keyHash, files, reservation, isNew) {
      const pay: Pay = (bytes) => reservation.spend(shardOf(keyHash), bytes)
      const path = layout.key(keyHash)
      const found = isNew ? undefined : await directories.charge(path)
      const isOurs = found === undefined && (await directories.make(keyHash, pay))
      const before = found ?? (isOurs ? directoryCharge : ((await directories.charge(path)) ?? directoryCharge))
      try {
        for (const file of files) {
          await placeFile(file, keyHash, pay, isOurs)
          pay(file.charge)
        }
      } finally {
        if (isOurs) await directories.payFirstFiles(keyHash, pay)
        else pay(Math.max(0, ((await directories.charge(path)) ?? before) - before))
      }
    },
    async removeExtents(keyHash, representation, extents) {
      for (const extent of extents) {
        if (extent.name === undefined) continue
        const path = layout.file(keyHash, extent.name)
        const charge = (await removeFile(path)) ? extentCharge(representation, extent) : 0
        await freeFile(keyHash, path, charge)
      }
    },
    async removeNamed(keyHash, names) {
      let freed = 0
      for (const name of names) freed += await removeCounted(keyHash, name)
      return freed
    },
    async tidy(keyHash, id, staleBefore) {
      for (const name of await list(layout.key(keyHash))) {
        if (name === recordName || (id !== undefined && parseExtentName(name)?.id === id)) continue
        const { modifiedAt } = await fs.stat(layout.file(keyHash, name))
        if (modifiedAt < staleBefore) await removeCounted(keyHash, name)
      }
      if ((await list(layout.key(keyHash))).length === 0) await removeDirectory(keyHash)
    },
    async wipe(keyHash) {
      const names = await list(layout.key(keyHash))
      const extents = names.filter((name) => name !== recordName)
      let freed = extents.length < names.length ? await removeTaken(keyHash, layout.record(keyHash)) : 0
      for (const name of extents) freed += await removeCounted(keyHash, name)
      return names.length === 0 ? freed : freed + (await removeDirectory(keyHash))
    },
  }
}

/** What removing one name of a file frees: with another name the bytes stay. */
function freedBy({ size, links }: FileStat): number {
  return links === 1 ? fileCharge(size) : 0
}
