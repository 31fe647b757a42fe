import { storeError } from '../store-error.ts'
import { directoryCharge, directoryChargeOf } from './charge.ts'
import { type FileSystem, isMissing, isTaken } from './file-system.ts'
import type { Layout } from './layout.ts'

/** Counts bytes that a change has added. */
export type Pay = (bytes: number) => void

/** Makes the directories of keys, and tells what directories have grown by. */
export interface KeyDirectories {
  /** What the directory at `path` is charged for; undefined: there is none. */
  charge(path: string): Promise<number | undefined>
  /**
   * Makes a key's directory, with those above it, and pays for what it makes and for what that makes grow. Resolves to whether it was
   * made here: others may have put something into any other.
   */
  make(keyHash: string, pay: Pay): Promise<boolean>
  /** Pays for what the first files of a key have made its directory grow by, which was made here. */
  payFirstFiles(keyHash: string, pay: Pay): Promise<void>
}

/** Turns in a row that others may win. */
const maxAttempts = 100

/** Second-level directories there can be: four hexadecimal digits. */
const bucketCount = 65_536
const bucketDigits = 4

/** What came of making a directory. */
type Made = 'made' | 'taken' | 'no-parent'

export function createKeyDirectories(fs: Pick<FileSystem, 'addDirectory' | 'stat'>, layout: Layout): KeyDirectories {
  /** Where a second-level directory was last time, to begin with the call that tells most. */
  const seen = new Uint8Array(bucketCount)
  const seatOf = (keyHash: string): number => Number.parseInt(keyHash.slice(0, bucketDigits), 16)
  const bucketGrowth = createFirstGrowth()
  const keyGrowth = createFirstGrowth()

  const charge = async (path: string): Promise<number | undefined> => {
    try {
      return directoryChargeOf(await fs.stat(path))
    } catch (error) {
      if (isMissing(error)) return undefined
      throw error
    }
  }
  /** Makes a directory. Whoever makes one pays for it. */
  const add = async (path: string, pay: Pay): Promise<Made> => {
    try {
      await fs.addDirectory(path)
      pay(directoryCharge)
      return 'made'
    } catch (error) {
      if (isMissing(error)) return 'no-parent'
      if (isTaken(error)) return 'taken'
      throw error
    }
  }
  const growthOf = async (path: string, before: number): Promise<number | undefined> => {
    const after = await charge(path)
    return after === undefined ? undefined : Math.max(0, after - before)
  }
  /** Makes it in a directory that was there before: both looks are its own, so that every growth is seen by who caused it. */
  const addToOld = async (keyHash: string, bucket: string, pay: Pay): Promise<Made> => {
    const before = await charge(bucket)
    if (before === undefined) return 'no-parent'
    const made = await add(layout.key(keyHash), pay)
    if (made !== 'no-parent') pay((await growthOf(bucket, before)) ?? 0)
    return made
  }
  const addToNew = async (keyHash: string, bucket: string, pay: Pay): Promise<Made> => {
    const made = await add(layout.key(keyHash), pay)
    if (made !== 'no-parent') pay(await bucketGrowth(() => growthOf(bucket, directoryCharge)))
    return made
  }

  return {
    charge,
    async make(keyHash, pay) {
      const bucket = layout.bucketOf(keyHash)
      const seat = seatOf(keyHash)
      for (let attempt = 0; attempt < maxAttempts; attempt++) {
        const found = seen[seat] === 1 ? 'taken' : await add(bucket, pay)
        if (found === 'no-parent') {
          await add(layout.shardOf(keyHash), pay)
          continue
        }
        seen[seat] = 1
        const made = await (found === 'made' ? addToNew : addToOld)(keyHash, bucket, pay)
        if (made !== 'no-parent') return made === 'made'
        seen[seat] = 0
      }
      throw storeError('io', 'the directories of a key go as fast as they are made')
    },
    async payFirstFiles(keyHash, pay) {
      pay(await keyGrowth(() => growthOf(layout.key(keyHash), directoryCharge)))
    },
  }
}

/**
 * What a new directory grows by for its first entries, a few hundred bytes of names: the file system's own affair, so that it is
 * measured once. All that follows is measured each time.
 */
function createFirstGrowth(): (measure: () => Promise<number | undefined>) => Promise<number> {
  let known: number | undefined
  return async (measure) => {
    known ??= await measure()
    return known ?? 0
  }
}
