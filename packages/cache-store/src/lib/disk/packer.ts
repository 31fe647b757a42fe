import { type ByteRange, type ByteSource, rangeLength } from '@s3proxy/protocol'
import type { Held, Representation } from '../cache-store.ts'
import { sameBytes } from '../representation.ts'
import type { Catalog } from './catalog.ts'
import { mayCompress } from './compressible.ts'
import type { DiskEntry, DiskExtent } from './disk-extent.ts'
import type { KeyLock } from './key-lock.ts'
import { type PackedFile, type Packing, writePacked } from './packing.ts'
import type { Publisher } from './publisher.ts'
import type { Room } from './space.ts'
import type { UpkeepJob } from './upkeep.ts'

export interface PackerOptions {
  readonly catalog: Catalog
  readonly locks: KeyLock
  readonly publish: Publisher
  /** Reads an extent without counting that as a use of the key. */
  readonly read: (held: Held, extent: DiskExtent, range: ByteRange) => ByteSource | Promise<ByteSource>
  readonly reserve: (representation: Representation, range: ByteRange) => Room
  /** Whether there is room to spare: nothing leaves the cache for this. */
  readonly hasRoom: (bytes: number) => boolean
  readonly packing: Packing
}

/** Smaller extents are left alone: files are given out in blocks of 4 KiB, so that little is won. */
const minBytes = 64 * 1024

/** Extents remembered as not worth it. The oldest are forgotten, and tried again when their key changes. */
const maxRefused = 10_000

/** Compresses extents that are worth it: their type may gain, and their first frame does. */
export function createPacker(options: PackerOptions): UpkeepJob {
  const { catalog, locks, publish, read, reserve, hasRoom, packing } = options
  const refused = new Set<string>()

  const nameOf = ({ keyHash, name }: DiskExtent): string => `${keyHash}/${name}`
  const refuse = (extent: DiskExtent): void => {
    refused.add(nameOf(extent))
    for (const oldest of refused) {
      if (refused.size <= maxRefused) break
      refused.delete(oldest)
    }
  }
  const candidate = (entry: DiskEntry): DiskExtent | undefined =>
    mayCompress(entry.representation.headers)
      ? entry.extents.find(
          (extent) =>
            extent.name !== undefined &&
            extent.packedBytes === undefined &&
            rangeLength(extent) >= minBytes &&
            !refused.has(nameOf(extent)),
        )
      : undefined

  /** Publishes the packed file in the place of the plain one, if that is still there. */
  const replace = async (entry: DiskEntry, extent: DiskExtent, file: PackedFile, room: Reserved): Promise<boolean> =>
    await locks.run(entry.keyHash, async () => {
      const { keyHash, representation } = entry
      const { entry: previous, hasNews } = await catalog.current(keyHash)
      const isThere = (): boolean =>
        previous !== undefined &&
        sameBytes(previous.representation, representation) &&
        previous.extents.some((other) => other.name === extent.name)
      if (previous === undefined || !isThere()) return false
      const { validatedAt } = previous.found.held
      const published = await publish({
        keyHash,
        representation: previous.representation,
        validatedAt,
        guard: isThere,
        previous,
        hasNews,
        bytes: { kind: 'file', range: { start: extent.start, end: extent.end }, ...file },
        reservation: room.reservation,
      })
      return published !== undefined
    })

  return {
    wants: (entry) => candidate(entry) !== undefined,
    async step(keyHash, pace) {
      const entry = catalog.peek(keyHash)
      const extent = entry === undefined ? undefined : candidate(entry)
      if (entry === undefined || extent === undefined || !hasRoom(rangeLength(extent))) return false
      const room = reserve(entry.representation, extent)
      if (room.kind === 'refused') return false
      // Whatever comes of it, this file is not tried again.
      refuse(extent)
      try {
        if (room.reservation.granted !== true && !(await room.reservation.granted)) return false
        const source = await read(entry.found.held, extent, extent)
        const packed = await writePacked(packing, entry.representation, extent, source, pace)
        if (packed.kind === 'not-worth-it') return true
        let kept = false
        try {
          kept = await replace(entry, extent, packed.file, room)
        } finally {
          if (!kept) await packed.discard()
          packed.file.handle.release()
        }
        return true
      } catch {
        // Who reads and who writes have reported their failures themselves; the extent stays as it is.
        return false
      } finally {
        room.reservation.release()
      }
    },
  }
}

type Reserved = Room & { readonly kind: 'reserved' }
