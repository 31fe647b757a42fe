import { type ByteRange, type ByteSource, intersectRanges } from '@s3proxy/protocol'
import type { FillStart, FillWriter, Held, Representation } from '../cache-store.ts'
import { planRead } from '../plan.ts'
import { sameBytes } from '../representation.ts'
import type { Catalog } from './catalog.ts'
import type { DiskEntry, DiskExtent } from './disk-extent.ts'
import { type MergeLimits, planMerge } from './merge-plan.ts'
import type { Pace, UpkeepJob } from './upkeep.ts'

export interface MergerOptions {
  readonly catalog: Catalog
  readonly limits: MergeLimits
  /** Reads an extent without counting that as a use of the key. */
  readonly read: (held: Held, extent: DiskExtent, range: ByteRange) => ByteSource | Promise<ByteSource>
  readonly begin: (representation: Representation, range: ByteRange) => FillStart
  /** Whether there is room to spare: nothing leaves the cache for a merge. */
  readonly hasRoom: (bytes: number) => boolean
}

/** Makes one extent of many small neighbours: fewer files to open, and no byte held twice. */
export function createMerger(options: MergerOptions): UpkeepJob {
  const { catalog, limits, read, begin, hasRoom } = options

  const planOf = (entry: DiskEntry): ByteRange | undefined =>
    planMerge(
      entry.extents.filter((extent) => extent.name !== undefined),
      limits,
    )

  /** Whether every byte was copied. */
  const copy = async (entry: DiskEntry, range: ByteRange, to: FillWriter, pace: Pace): Promise<boolean> => {
    const inside = entry.extents.filter((extent) => intersectRanges(extent, range) !== undefined)
    for (const segment of planRead(range, inside)) {
      if (segment.kind === 'gap') return false
      const source = await read(entry.found.held, segment.extent as DiskExtent, segment.range)
      try {
        for (let chunk = await source.next(); chunk !== null; chunk = await source.next()) {
          if (pace.stopped) return false
          await to.write(chunk)
          await pace.moved(chunk.length)
        }
      } finally {
        source.cancel()
      }
    }
    return true
  }

  return {
    wants: (entry) => planOf(entry) !== undefined,
    async step(keyHash, pace) {
      const entry = catalog.peek(keyHash)
      const range = entry === undefined ? undefined : planOf(entry)
      if (entry === undefined || range === undefined || !hasRoom(range.end - range.start)) return false
      const { representation, found } = entry
      const start = begin(representation, range)
      if (start.kind === 'refused') return false
      const { writer } = start
      const isCurrent = (): boolean => {
        const now = catalog.peek(keyHash)
        return now !== undefined && sameBytes(now.representation, representation)
      }
      try {
        if (await copy(entry, range, writer, pace)) {
          const result = await writer.commit(found.held.validatedAt, isCurrent)
          return result.kind === 'stored'
        }
      } catch {
        // Who reads and who writes have reported their failures themselves; the extents stay as they are.
      }
      writer.abort()
      return false
    },
  }
}
