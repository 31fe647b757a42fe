import { decodeRecord } from '../record.ts'
import { sameBytes } from '../representation.ts'
import type { Catalog } from './catalog.ts'
import { type DiskEntry, heldOf } from './disk-extent.ts'
import { readFully } from './file-io.ts'
import { type FileSystem, isMissing } from './file-system.ts'
import type { HalfLife } from './half-life.ts'
import type { KeyLock } from './key-lock.ts'
import type { Layout } from './layout.ts'
import { addScores, neverUsed, type Score, scoreOfUse } from './score.ts'

/** Keeps when a key was confirmed and used: in memory at once, in the times of its record file a little later. */
export interface Times {
  /** The share `weight` of the held bytes is being read; 1 and more: a whole use. */
  used(entry: DiskEntry, weight: number): void
  /** The key has been looked up. No use, but a sign that there will be one, or that memory serves them. */
  seen(entry: DiskEntry): void
  /** What the key is worth by all that is known. */
  score(entry: DiskEntry): Score
  /** The origin has confirmed the entry at `validatedAt`; earlier than what is known does nothing. */
  confirmed(entry: DiskEntry, validatedAt: number): void
  /** Resolves once everything asked for is on disk or has failed. */
  idle(): Promise<void>
}

export interface TimesOptions {
  readonly fs: FileSystem
  readonly layout: Layout
  readonly locks: KeyLock
  readonly catalog: Catalog
  readonly halfLife: HalfLife
  /** Milliseconds since the epoch. */
  readonly now: () => number
  readonly onError: (error: unknown) => void
}

/** A confirmation less than this newer than the recorded one is not worth a write; losing it is on the safe side. */
const confirmationStepMs = 1000

/** The same for uses, which only guide eviction; also the least time between two notes of them. */
const useStepMs = 5 * 60 * 1000

/**
 * What a score must have gained, in half-lives, to be worth a write: a quarter of the time things stay unused. Each use is noted of
 * keys that have up to 22 in a half-life, even if this process forgets them in between; what more there is counts while it does not.
 */
const useStepHalfLives = 1 / 16

/** Keys waiting to be written. Beyond this newcomers are not recorded: again on the safe side. */
const maxQueued = 10_000

export function createTimes(options: TimesOptions): Times {
  const { fs, layout, locks, catalog, halfLife, now, onError } = options
  const queue = new Set<string>()
  let running: Promise<void> | undefined

  const write = async (keyHash: string): Promise<void> => {
    const entry = catalog.peek(keyHash)
    if (entry === undefined) return
    const { validatedAt } = entry.found.held
    const file = await fs.open(layout.record(keyHash), 'read')
    try {
      const stat = await file.stat()
      if (validatedAt > entry.recordedAt) {
        // Another instance may have replaced the record: its representation has not been confirmed.
        const bytes = Buffer.allocUnsafeSlow(entry.recordBytes)
        if ((await readFully(file, bytes, 0)) < bytes.length || stat.size !== bytes.length) return
        const decoded = decodeRecord(bytes)
        if (decoded.kind === 'corrupt' || !sameBytes(decoded.record.representation, entry.representation)) return
      }
      const confirmedAt = validatedAt > entry.recordedAt ? validatedAt : stat.modifiedAt
      // What others have noted counts too. What is used from now on is new again.
      const uses = addScores(Math.round(stat.accessedAt), entry.newScore, halfLife.ms)
      entry.newScore = neverUsed
      entry.recordedScore = Math.max(uses, entry.seenAt)
      entry.notedAt = now()
      await file.setTimes(entry.recordedScore, confirmedAt)
      entry.recordedAt = confirmedAt
    } finally {
      file.close().catch(onError)
    }
  }
  const run = async (): Promise<void> => {
    for (const keyHash of queue) {
      queue.delete(keyHash)
      try {
        await locks.run(keyHash, () => write(keyHash))
      } catch (error) {
        if (!isMissing(error)) onError(error)
      }
    }
  }
  const start = (): void => {
    running = run().finally(() => {
      running = undefined
      if (queue.size > 0) start()
    })
  }
  const enqueue = (keyHash: string): void => {
    if (queue.size >= maxQueued) return
    queue.add(keyHash)
    if (running === undefined) start()
  }

  const score = (entry: DiskEntry): Score =>
    Math.max(addScores(entry.recordedScore, entry.newScore, halfLife.ms), entry.seenAt)
  const seen = (entry: DiskEntry): void => {
    entry.seenAt = now()
    if (entry.seenAt - entry.notedAt < useStepMs) return
    const gained = score(entry) - entry.recordedScore
    if (gained < Math.max(useStepMs, halfLife.ms * useStepHalfLives)) return
    entry.notedAt = entry.seenAt
    enqueue(entry.keyHash)
  }

  return {
    used(entry, weight) {
      const use = scoreOfUse(now(), Math.min(weight, 1), halfLife.ms)
      entry.newScore = addScores(entry.newScore, use, halfLife.ms)
      seen(entry)
    },
    seen,
    score,
    confirmed(entry, validatedAt) {
      const { held } = entry.found
      if (validatedAt <= held.validatedAt) return
      entry.found = heldOf(entry.representation, validatedAt, entry.extents)
      if (validatedAt - entry.recordedAt >= confirmationStepMs) enqueue(entry.keyHash)
    },
    async idle() {
      while (running !== undefined) await running
    },
  }
}

/** Notes nothing: for reads that are no use of the key. */
export const noTimes: Pick<Times, 'used'> = { used: () => undefined }
