import type { ByteRange } from '@s3proxy/protocol'
import type { Extent, Held, Representation } from '../cache-store.ts'
import { formatExtentName } from './layout.ts'
import type { Score } from './score.ts'

/** An extent in a file of its own, or the body inside a record. */
export class DiskExtent implements Extent {
  readonly tier = 'disk'
  readonly start: number
  readonly end: number
  readonly keyHash: string
  /** The file's name in the key's directory; undefined: the bytes are in the record. */
  readonly name: string | undefined
  /** The bytes of an embedded body that were read along with the record; only in the snapshot of that read. */
  readonly bytes: Uint8Array | undefined
  /** The length of the file if it is compressed. */
  readonly packedBytes: number | undefined
  /** When it was last read by this process, milliseconds since the epoch. */
  usedAt: number

  constructor(
    keyHash: string,
    name: string | undefined,
    range: ByteRange,
    usedAt: number,
    bytes?: Uint8Array,
    packedBytes?: number,
  ) {
    this.keyHash = keyHash
    this.name = name
    this.start = range.start
    this.end = range.end
    this.usedAt = usedAt
    this.bytes = bytes
    this.packedBytes = packedBytes
  }
}

/** The extent of `range` in a file of its own; `packedBytes` is its length if it is compressed. */
export function fileExtent(
  keyHash: string,
  id: string,
  range: ByteRange,
  usedAt: number,
  packedBytes?: number,
): DiskExtent {
  return new DiskExtent(keyHash, formatExtentName(id, range, packedBytes), range, usedAt, undefined, packedBytes)
}

/** What a process knows of one key on disk. Replaced as a whole, never changed, except for the times. */
export interface DiskEntry {
  readonly keyHash: string
  readonly representation: Representation
  readonly extents: readonly DiskExtent[]
  /** Length of the record file. */
  readonly recordBytes: number
  /** What a lookup answers. */
  found: { readonly kind: 'held'; readonly held: Held }
  /** `validatedAt` as the record's modification time has it. */
  recordedAt: number
  /** When the directory was read, or last written by this process. */
  readonly loadedAt: number
  /** Bytes of all extents. */
  readonly heldBytes: number
  /** What its uses are worth as the record's access time has it. */
  recordedScore: Score
  /** What the uses are worth that this process has noted since. */
  newScore: Score
  /** When this process last looked the key up, used or wrote it; 0: never. */
  seenAt: number
  /** When this process last wrote the record's times; 0: never. */
  notedAt: number
}

export function lengthOf(extents: readonly ByteRange[]): number {
  return extents.reduce((sum, { start, end }) => sum + end - start, 0)
}

export function heldOf(
  representation: Representation,
  validatedAt: number,
  extents: readonly DiskExtent[],
): DiskEntry['found'] {
  return { kind: 'held', held: { representation, validatedAt, extents } }
}
