import { decodeRecord } from '../record.ts'
import { sameBytes } from '../representation.ts'
import type { Catalog } from './catalog.ts'
import { type DiskEntry, heldOf } from './disk-extent.ts'
import { readFully } from './file-io.ts'
import { type FileSystem, isMissing } from './file-system.ts'
import type { KeyLock } from './key-lock.ts'
import type { Layout } from './layout.ts'

/** Keeps when a key was confirmed and used: in memory at once, in the times of its record file a little later. */
export interface Times {
  /** The key is being used. */
  used(entry: DiskEntry): void
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
  /** Milliseconds since the epoch. */
  readonly now: () => number
  readonly onError: (error: unknown) => void
}

/** A confirmation less than this newer than the recorded one is not worth a write; losing it is on the safe side. */
const confirmationStepMs = 1000

/** The same for uses, which only guide eviction. */
const useStepMs = 5 * 60 * 1000

/** Keys waiting to be written. Beyond this newcomers are not recorded: again on the safe side. */
const maxQueued = 10_000

export function createTimes(options: TimesOptions): Times {
  const { fs, layout, locks, catalog, now, onError } = options
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
      const usedAt = Math.max(entry.usedAt, stat.accessedAt)
      await file.setTimes(usedAt, confirmedAt)
      entry.recordedAt = confirmedAt
      entry.recordedUse = usedAt
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

  return {
    used(entry) {
      entry.usedAt = now()
      if (entry.usedAt - entry.recordedUse >= useStepMs) {
        entry.recordedUse = entry.usedAt
        enqueue(entry.keyHash)
      }
    },
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
export const noTimes: Times = { used: () => undefined, confirmed: () => undefined, idle: () => Promise.resolve() }
