import type { Representation } from '../cache-store.ts'
import { encodeRecord, type StoredRecord } from '../record.ts'
import { directoryCharge, extentCharge, fileCharge } from './charge.ts'
import type { DiskExtent } from './disk-extent.ts'
import { writeFully } from './file-io.ts'
import { type FileSystem, isMissing, systemErrorCode } from './file-system.ts'
import type { Handles } from './handles.ts'
import { type Layout, parseExtentName, recordName } from './layout.ts'
import type { Score } from './score.ts'
import type { Space } from './space.ts'

export interface DirectoryOptions {
  readonly fs: FileSystem
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

/** Changes to keys' directories, with the account of their bytes. Called in the key's serial section only. */
export interface Directory {
  /** Writes a record beside the tree. */
  stageRecord(record: StoredRecord, score: Score, validatedAt: number): Promise<Staged>
  /** Moves a whole file into a key's directory, over one of the same name. */
  place(path: string, keyHash: string, name: string): Promise<void>
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

export function createDirectory(options: DirectoryOptions): Directory {
  const { fs, layout, handles, space, temporaryName, onError } = options

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
    if (!(await removeIfEmpty(layout.key(keyHash)))) return 0
    space.free(shardOf(keyHash), directoryCharge)
    // Empty second-level directories would make sampling for eviction futile.
    await removeIfEmpty(layout.bucketOf(keyHash))
    return directoryCharge
  }
  /** False: it is gone already, or another instance has just put something in. */
  const removeIfEmpty = async (path: string): Promise<boolean> => {
    try {
      await fs.removeDirectory(path)
      return true
    } catch (error) {
      const code = systemErrorCode(error)
      if (code === 'ENOENT' || code === 'ENOTEMPTY' || code === 'EEXIST') return false
      throw error
    }
  }
  const removeCounted = async (keyHash: string, name: string): Promise<number> => {
    const path = layout.file(keyHash, name)
    try {
      const bytes = fileCharge((await fs.stat(path)).size)
      if (!(await removeFile(path))) return 0
      await freeFile(keyHash, path, bytes)
      return bytes
    } catch (error) {
      if (isMissing(error)) return 0
      throw error
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
    async place(path, keyHash, name) {
      const target = layout.file(keyHash, name)
      for (let attempt = 0; ; attempt++) {
        try {
          return await fs.rename(path, target)
        } catch (error) {
          // Made anew; another process may remove it in between, and again.
          if (!isMissing(error) || attempt === maxPlacements) throw error
          await fs.makeDirectory(layout.key(keyHash))
        }
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
      let freed = extents.length < names.length ? await removeCounted(keyHash, recordName) : 0
      for (const name of extents) freed += await removeCounted(keyHash, name)
      return names.length === 0 ? freed : freed + (await removeDirectory(keyHash))
    },
  }
}

/** How often a directory is made for a file that other processes remove under it. */
const maxPlacements = 4

/** The account a key's bytes are booked on. */
export function shardOf(keyHash: string): number {
  return Number.parseInt(keyHash.slice(0, 2), 16)
}
