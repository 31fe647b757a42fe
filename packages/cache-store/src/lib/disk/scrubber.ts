import { toStoreError } from '../store-error.ts'
import type { DiskEntry, DiskExtent } from './disk-extent.ts'
import type { FileSystem } from './file-system.ts'
import type { Layout } from './layout.ts'
import type { Loader } from './load.ts'
import { createRests } from './rests.ts'
import { readScrubState, type ScrubState, writeScrubState } from './scrub-state.ts'
import { verifyExtent } from './verify-extent.ts'
import { walkKeys } from './walk-keys.ts'

export interface ScrubberOptions {
  readonly fs: FileSystem
  readonly layout: Layout
  readonly load: Loader
  /** This instance's name among those that share the directory. */
  readonly life: string
  /** Milliseconds since the epoch. */
  readonly now: () => number
  /** Waits. */
  readonly pause: (delayMs: number) => Promise<void>
  readonly temporaryName: () => string
  /** Most bytes read per second. Above 0. */
  readonly bytesPerSecond: number
  /** Least time between the beginnings of two rounds. */
  readonly intervalMs: number
  /** An extent whose bytes are not what they were. */
  readonly onBrokenExtent: (entry: DiskEntry, extent: DiskExtent) => void
  /** A record that cannot be read. */
  readonly onBrokenRecord: (keyHash: string) => void
  readonly onRead: (bytes: number) => void
  readonly onError: (error: unknown) => void
}

/**
 * Reads everything there is against its checksums, slowly and over and over: what nobody reads would otherwise be found
 * broken only when it is needed. One instance per directory works; the next goes on where it stopped. A lease is a hint:
 * two at once cost a little more reading and no harm.
 */
export interface Scrubber {
  start(): void
  stop(): Promise<void>
}

/** Time between two notes of how far it has come. */
const beatMs = 30_000

/** Silence after which another instance takes over. */
const leaseMs = 5 * beatMs

/** Charged for a key besides its extents: opening and listing cost a disk about as much as reading this. */
const keyBytes = 16 * 1024

/** Rests shorter than this are put together. */
const leastRestMs = 20

export function createScrubber(options: ScrubberOptions): Scrubber {
  const { fs, layout, load, life, now, pause, bytesPerSecond, intervalMs, onError } = options
  let stopped = false
  const { rest, end } = createRests(pause)
  let running: Promise<void> | undefined
  let owedMs = 0

  const pace = async (bytes: number): Promise<void> => {
    options.onRead(bytes)
    owedMs += (bytes / bytesPerSecond) * 1000
    if (owedMs < leastRestMs || stopped) return
    const delayMs = owedMs
    owedMs = 0
    await rest(delayMs)
  }
  /** With `beatAt` 0 the next instance need not wait. */
  const note = (startedAt: number, after: string, beatAt = now()): Promise<void> => {
    const state: ScrubState = { owner: life, startedAt, after, beatAt }
    return writeScrubState(fs, layout, layout.temporary(options.temporaryName()), state)
  }
  /** Whether another instance has taken over. */
  const isOvertaken = async (): Promise<boolean> => {
    const state = await readScrubState(fs, layout)
    return state !== undefined && state.owner !== life
  }

  const scrubExtent = async (entry: DiskEntry, extent: DiskExtent): Promise<void> => {
    if (extent.name === undefined) return
    const path = layout.file(entry.keyHash, extent.name)
    const { representation } = entry
    try {
      await verifyExtent({ fs, path, extent, representation, onBytes: (bytes) => pace(bytes.length) })
    } catch (cause) {
      const error = toStoreError(cause, 'an extent cannot be verified')
      if (error.reason === 'corrupt') options.onBrokenExtent(entry, extent)
      else if (error.reason !== 'gone') onError(error)
    }
  }
  const scrubKey = async (keyHash: string): Promise<void> => {
    const loaded = await load(keyHash)
    await pace(keyBytes)
    if (loaded.kind === 'corrupt') options.onBrokenRecord(keyHash)
    if (loaded.kind === 'failed') onError(loaded.error)
    if (loaded.kind !== 'entry') return
    for (const extent of loaded.entry.extents) if (!stopped) await scrubExtent(loaded.entry, extent)
  }
  const round = async ({ startedAt, after }: Pick<ScrubState, 'startedAt' | 'after'>): Promise<void> => {
    await note(startedAt, after)
    let notedAt = now()
    let last = after
    for await (const keyHash of walkKeys({ fs, layout, after })) {
      if (stopped) break
      await scrubKey(keyHash)
      if (!stopped) last = keyHash
      if (now() - notedAt < beatMs) continue
      if (await isOvertaken()) return
      await note(startedAt, last)
      notedAt = now()
    }
    if (await isOvertaken()) return
    if (stopped) await note(startedAt, last, 0)
    else await note(startedAt, 'end')
  }
  /** One look at what there is to do; resolves to the time until the next. */
  const look = async (): Promise<number> => {
    const state = await readScrubState(fs, layout)
    const age = state === undefined ? 0 : now() - state.beatAt
    const isOver = state?.after === 'end'
    if (state !== undefined && state.owner !== life && !isOver && age >= 0 && age < leaseMs) return leaseMs
    const dueMs = state === undefined || !isOver ? 0 : state.startedAt + intervalMs - now()
    if (dueMs > 0 && dueMs <= intervalMs) return Math.min(dueMs, leaseMs)
    await round(state === undefined || isOver ? { startedAt: now(), after: '' } : state)
    return leaseMs
  }

  return {
    start() {
      running ??= (async () => {
        while (!stopped) {
          const delayMs = await look().catch((error: unknown) => {
            onError(error)
            return leaseMs
          })
          await rest(delayMs)
        }
      })()
    },
    async stop() {
      stopped = true
      end()
      await running
    },
  }
}
