import { hash } from 'node:crypto'
import { join } from 'node:path'
import { createAnchoredFileSystem } from './anchored-file-system.ts'
import { type FileSystem, isMissing, systemErrorCode } from './file-system.ts'
import { createLayout } from './layout.ts'
import { nodeFileSystem } from './node-file-system.ts'

/**
 * When a write last concerned every key of a bucket, as known to all processes that share a directory and to those that
 * come after them. What was confirmed before such a moment must not be served unasked.
 */
export interface BucketMarks {
  /** Milliseconds since the epoch; 0 for never. */
  at(bucket: string): number
  /** Counts here at once; resolves when later processes will know, rejects if they will not, having told `onError`. */
  note(bucket: string, at: number): Promise<void>
  /** Takes in what other processes have noted. Never rejects: what cannot be read is told to `onError`. */
  refresh(): Promise<void>
  /** Stops looking for what others note. */
  close(): void
}

export interface BucketMarksOptions {
  /** The cache's directory. */
  readonly directory: string
  /** Buckets marked one by one; beyond it the oldest are marked together. Default 10,000. */
  readonly maxMarks?: number
  /** Default: what other processes note is looked for every 500 ms. The returned function ends it. */
  readonly every?: (look: () => void) => () => void
  readonly onError?: (error: unknown) => void
  readonly fs?: FileSystem
}

/** More than the time between two signs of life of an instance: what it confirmed last may be later than its last one. */
const marginMs = 10_000

/** Stands for every bucket in a mark's name. */
const everyBucket = 'all'
const markName = /^([0-9a-f]{64}|all)\.(\d{1,15})$/

/**
 * Opens the marks of a directory. A mark is an empty file whose name says all, so it is there whole or not at all, two
 * processes never write the same one, and one look at the directory tells everything.
 */
export async function openBucketMarks(options: BucketMarksOptions): Promise<BucketMarks> {
  const { maxMarks = 10_000, every = everyHalfSecond, onError = () => undefined } = options
  const layout = createLayout(options.directory)
  const folder = layout.bucketMarks
  const fs = createAnchoredFileSystem(options.fs ?? nodeFileSystem, layout)
  const marks = new Map<string, number>()
  const names = new Map<string, string>()
  let seenAt = Number.NaN
  let isSettled = false
  let looking = Promise.resolve()

  const nameOf = (bucket: string): string => {
    const known = names.get(bucket)
    if (known !== undefined) return known
    if (names.size >= maxMarks) names.clear()
    const name = hash('sha256', Buffer.from(bucket, 'latin1'), 'hex')
    names.set(bucket, name)
    return name
  }
  const take = (name: string, at: number): void => {
    marks.set(name, Math.max(at, marks.get(name) ?? 0))
  }
  const create = async (name: string, at: number): Promise<void> => {
    await fs.makeDirectory(folder)
    try {
      await (await fs.open(join(folder, `${name}.${at}`), 'create')).close()
    } catch (error) {
      if (systemErrorCode(error) !== 'EEXIST') throw error
    }
  }
  const remove = (file: string): Promise<void> => fs.removeFile(join(folder, file)).catch(ignoreMissing(onError))

  /** The oldest marks become one for all buckets, which says no less. */
  const compact = async (): Promise<void> => {
    if (marks.size <= maxMarks) return
    const byAge = [...marks].filter(([name]) => name !== everyBucket).sort(([, a], [, b]) => a - b)
    const oldest = byAge.slice(0, Math.ceil(maxMarks / 2))
    const at = oldest.at(-1)?.[1] ?? 0
    const before = marks.get(everyBucket)
    take(everyBucket, at)
    await create(everyBucket, at)
    if (before !== undefined && before < at) await remove(`${everyBucket}.${before}`)
    for (const [name, noted] of oldest) {
      marks.delete(name)
      await remove(`${name}.${noted}`)
    }
  }
  const look = async (): Promise<void> => {
    const { modifiedAt } = await fs.stat(folder)
    // A directory may change twice within one tick of its clock.
    if (modifiedAt === seenAt && isSettled) return
    isSettled = modifiedAt === seenAt
    seenAt = modifiedAt
    const outdated: string[] = []
    for (const file of await fs.list(folder)) {
      const [, name, digits] = markName.exec(file) ?? []
      if (name === undefined) continue
      const at = Number(digits)
      if (at < (marks.get(name) ?? 0) || (name !== everyBucket && at <= (marks.get(everyBucket) ?? 0)))
        outdated.push(file)
      else take(name, at)
    }
    for (const file of outdated) await remove(file)
    await compact()
  }
  const refresh = (): Promise<void> => {
    looking = looking.then(look).catch(ignoreMissing(onError))
    return looking
  }

  /** What happened here before, by the clock there was then: if that was ahead, it has been set back since. */
  const latestChange = async (): Promise<number> => {
    const { temporaries, reports, ledger } = createLayout(options.directory)
    const paths = [temporaries]
    for (const parent of [reports, ledger]) {
      const names = await fs.list(parent).catch(() => [])
      paths.push(...names.map((name) => join(parent, name)))
    }
    const found = await Promise.allSettled(paths.map((path) => fs.stat(path)))
    return Math.max(0, ...found.map((each) => (each.status === 'fulfilled' ? Math.ceil(each.value.modifiedAt) : 0)))
  }

  await refresh()
  const changedAt = await latestChange()
  const stop = every(() => void refresh())
  return {
    at(bucket) {
      if (marks.size === 0) return 0
      return Math.max(marks.get(everyBucket) ?? 0, marks.get(nameOf(bucket)) ?? 0)
    },
    async note(bucket, writtenAt) {
      const at = writtenAt < changedAt ? changedAt + marginMs : writtenAt
      const name = nameOf(bucket)
      const before = marks.get(name)
      take(name, at)
      try {
        await create(name, at)
        if (before !== undefined && before < at) await remove(`${name}.${before}`)
        await compact()
      } catch (error) {
        onError(error)
        throw error
      }
    },
    refresh,
    close: stop,
  }
}

function ignoreMissing(onError: (error: unknown) => void): (error: unknown) => void {
  return (error) => {
    if (!isMissing(error)) onError(error)
  }
}

function everyHalfSecond(look: () => void): () => void {
  const timer = setInterval(look, 500).unref()
  return () => clearInterval(timer)
}
