import type { Representation } from '../cache-store.ts'
import { decodeRecord, maxRecordBytes } from '../record.ts'
import { type DiskEntry, DiskExtent, fileExtent, heldOf, lengthOf } from './disk-extent.ts'
import { readFully } from './file-io.ts'
import { type FileStat, type FileSystem, isMissing } from './file-system.ts'
import { hashKey, type Layout, parseExtentName, representationId } from './layout.ts'
import { neverUsed } from './score.ts'

/** What a key's directory says. */
export type Loaded =
  | {
      readonly kind: 'entry'
      readonly entry: DiskEntry
      /** The embedded body, read on the way. */
      readonly body: Uint8Array | undefined
    }
  | { readonly kind: 'absent' }
  | { readonly kind: 'corrupt'; readonly reason: string }
  /** The file system failed: nothing is known. */
  | { readonly kind: 'failed'; readonly error: unknown }

export interface LoaderOptions {
  readonly fs: FileSystem
  readonly layout: Layout
  /** Milliseconds since the epoch. */
  readonly now: () => number
  /** When this machine started, milliseconds since the epoch: nothing is synced, so what is older may have been undone. */
  readonly bootedAt: () => number
  /** Extents of one key that are taken note of; others stay unread. */
  readonly maxExtentsPerKey: number
  readonly onError: (error: unknown) => void
}

/** Reads a key's directory. Never rejects. */
export type Loader = (keyHash: string) => Promise<Loaded>

/** A record whose time lies further ahead than clocks differ was not written by this cache: it counts as expired. */
const maxClockSkewMs = 60_000

export function createLoader(options: LoaderOptions): Loader {
  const { fs, layout, now, bootedAt, maxExtentsPerKey, onError } = options

  const readRecord = async (
    keyHash: string,
  ): Promise<{ readonly bytes: Buffer; readonly stat: FileStat } | undefined> => {
    const file = await fs.open(layout.record(keyHash), 'read')
    try {
      const stat = await file.stat()
      if (stat.size > maxRecordBytes) return undefined
      const buffer = Buffer.allocUnsafeSlow(stat.size)
      const count = await readFully(file, buffer, 0)
      return { bytes: buffer.subarray(0, count), stat }
    } finally {
      file.close().catch(onError)
    }
  }

  const listExtents = async (keyHash: string, representation: Representation): Promise<DiskExtent[]> => {
    const id = representationId(representation)
    const extents: DiskExtent[] = []
    for (const name of await fs.list(layout.key(keyHash))) {
      const parsed = parseExtentName(name)
      if (parsed?.id !== id || parsed.range.end > representation.size) continue
      if (extents.push(fileExtent(keyHash, id, parsed.range, 0, parsed.packedBytes)) === maxExtentsPerKey) break
    }
    return extents
  }

  const load = async (keyHash: string): Promise<Loaded> => {
    const read = await readRecord(keyHash)
    if (read === undefined) return { kind: 'corrupt', reason: 'too long' }
    const decoded = decodeRecord(read.bytes)
    if (decoded.kind === 'corrupt') return decoded
    const { representation, body } = decoded.record
    if (hashKey(representation.key) !== keyHash) return { kind: 'corrupt', reason: 'another key' }
    const whole = { start: 0, end: representation.size }
    const extents =
      body === undefined || body.length === 0
        ? await listExtents(keyHash, representation)
        : [new DiskExtent(keyHash, undefined, whole, 0)]
    const modifiedAt = Math.round(read.stat.modifiedAt)
    const credible = modifiedAt >= bootedAt() && modifiedAt <= now() + maxClockSkewMs
    const validatedAt = credible ? modifiedAt : 0
    const entry: DiskEntry = {
      keyHash,
      representation,
      extents,
      recordBytes: read.stat.size,
      found: heldOf(representation, validatedAt, extents),
      recordedAt: modifiedAt,
      loadedAt: now(),
      heldBytes: lengthOf(extents),
      recordedScore: Math.max(modifiedAt, Math.round(read.stat.accessedAt)),
      newScore: neverUsed,
      seenAt: 0,
      notedAt: 0,
    }
    return { kind: 'entry', entry, body }
  }

  return async (keyHash) => {
    try {
      return await load(keyHash)
    } catch (error) {
      return isMissing(error) ? { kind: 'absent' } : { kind: 'failed', error }
    }
  }
}
