import { type ByteRange, type ByteSource, intersectRanges } from '@s3proxy/protocol'
import type { FillStart, FillWriter, Held, Representation } from '../cache-store.ts'
import { planRead } from '../plan.ts'
import { sameBytes } from '../representation.ts'
import type { Catalog } from './catalog.ts'
import type { DiskEntry, DiskExtent } from './disk-extent.ts'
import { type MergeLimits, planMerge } from './merge-plan.ts'

export interface MergerOptions {
  readonly catalog: Catalog
  readonly limits: MergeLimits
  /** Reads an extent without counting that as a use of the key. */
  readonly read: (held: Held, extent: DiskExtent, range: ByteRange) => Promise<ByteSource>
  readonly begin: (representation: Representation, range: ByteRange) => FillStart
  /** Whether there is room to spare: nothing leaves the cache for a merge. */
  readonly hasRoom: (bytes: number) => boolean
  /** Waits. Paces the work. */
  readonly pause: (delayMs: number) => Promise<void>
}

/** Makes one extent of many small neighbours, in the background: fewer files to open, and no byte held twice. */
export interface Merger {
  /** An extent was added to the entry. */
  note(entry: DiskEntry): void
  /** Ends the merge under way. */
  stop(): Promise<void>
}

/** Keys waiting. Beyond this newcomers are left as they are until their next extent. */
const maxQueued = 1000

/** Bursts of ranges come in first, then they are merged. */
const settleMs = 2000

/** A pause after so many bytes keeps merges from taking the disk away from readers: some 100 MiB/s. */
const stepBytes = 1 << 20
const stepPauseMs = 10

export function createMerger(options: MergerOptions): Merger {
  const { catalog, limits, read, begin, hasRoom, pause } = options
  const queue = new Set<string>()
  let stopped = false
  let stop: () => void = () => undefined
  const stopping = new Promise<void>((resolve) => {
    stop = resolve
  })
  let running: Promise<void> | undefined

  const rest = (delayMs: number): Promise<void> => Promise.race([pause(delayMs), stopping])

  const planOf = (entry: DiskEntry): ByteRange | undefined =>
    planMerge(
      entry.extents.filter((extent) => extent.name !== undefined),
      limits,
    )

  const copy = async (
    held: Held,
    extents: readonly DiskExtent[],
    range: ByteRange,
    to: FillWriter,
  ): Promise<boolean> => {
    let sinceRest = 0
    for (const segment of planRead(range, extents)) {
      if (segment.kind === 'gap') return false
      const source = await read(held, segment.extent as DiskExtent, segment.range)
      for (;;) {
        const chunk = await source.next()
        if (chunk === null) break
        if (stopped) {
          source.cancel()
          return false
        }
        await to.write(chunk)
        sinceRest += chunk.length
        if (sinceRest < stepBytes) continue
        sinceRest = 0
        await rest(stepPauseMs)
      }
    }
    return true
  }

  /** Merges one stretch of the key; whether there may be more to do. */
  const mergeOnce = async (keyHash: string): Promise<boolean> => {
    const entry = catalog.peek(keyHash)
    const range = entry === undefined ? undefined : planOf(entry)
    if (entry === undefined || range === undefined || !hasRoom(range.end - range.start)) return false
    const { representation, extents, found } = entry
    const start = begin(representation, range)
    if (start.kind === 'refused') return false
    const { writer } = start
    const isCurrent = (): boolean => {
      const now = catalog.peek(keyHash)
      return now !== undefined && sameBytes(now.representation, representation)
    }
    try {
      const inside = extents.filter((extent) => intersectRanges(extent, range) !== undefined)
      if (!(await copy(found.held, inside, range, writer))) {
        writer.abort()
        return false
      }
      const result = await writer.commit(found.held.validatedAt, isCurrent)
      return result.kind === 'stored'
    } catch {
      // Who reads and who writes have reported their failures themselves; the extents stay as they are.
      writer.abort()
      return false
    }
  }

  const run = async (): Promise<void> => {
    await rest(settleMs)
    for (const keyHash of queue) {
      queue.delete(keyHash)
      while (!stopped && (await mergeOnce(keyHash)));
      if (stopped) return
    }
  }

  return {
    note(entry) {
      if (stopped || queue.size >= maxQueued || planOf(entry) === undefined) return
      queue.add(entry.keyHash)
      running ??= run().finally(() => {
        running = undefined
      })
    },
    async stop() {
      stopped = true
      stop()
      await running
    },
  }
}
