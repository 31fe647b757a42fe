import { crc32 } from 'node:zlib'
import { type ByteRange, rangeLength } from '@s3proxy/protocol'
import type { Representation } from '../cache-store.ts'
import { formatFooter, isFooterOf, maxFooterBytes } from './extent-format.ts'

/*
 * A compressed extent file. Like a plain one (extent-format.ts), except for what stands in front. Little-endian:
 *
 *   frames   the bytes in pieces of 256 KiB, each a Zstandard frame of its own, or as it is where that is shorter
 *   table    per frame: its length in the file (4 bytes) and the CRC-32 of the bytes it stands for (4 bytes)
 *   footer   JSON, the same as of a plain extent
 *   trailer  0  8  bytes of the body, uncompressed
 *            8  4  bytes of table
 *           12  4  bytes of footer
 *           16  4  bytes of a whole frame, uncompressed
 *           20  4  CRC-32 of table, footer and the 20 bytes before
 *           24  8  magic "S3PXPAC1"
 *
 * The length of the file is part of its name, so that nothing has to be opened to know what it takes.
 */

/** Uncompressed bytes of a frame: enough to compress well, little enough that a small range reads little more. */
export const frameBytes = 256 * 1024

const entryBytes = 8
const trailerBytes = 32
const magic = Buffer.from('S3PXPAC1', 'latin1')

export function frameCount(range: ByteRange): number {
  return Math.ceil(rangeLength(range) / frameBytes)
}

/** Uncompressed bytes of one frame of an extent of `range`. */
export function frameLength(range: ByteRange, frame: number): number {
  return Math.min(frameBytes, rangeLength(range) - frame * frameBytes)
}

/** What a packed file says of one frame. */
export interface PackedFrame {
  /** Bytes in the file; as many as uncompressed: they stand there as they are. */
  readonly length: number
  /** CRC-32 of the uncompressed bytes. */
  readonly checksum: number
}

/** Where frames lie: `offsets[n]` to `offsets[n + 1]` is frame `n`. */
export interface PackedTable {
  readonly offsets: Float64Array
  readonly checksums: Uint32Array
}

/** Upper bound of the tail of a packed extent of `range`. */
export function maxPackedTailBytes(range: ByteRange): number {
  return frameCount(range) * entryBytes + maxFooterBytes + trailerBytes
}

/** Everything after the frames. */
export function encodePackedTail(
  representation: Representation,
  range: ByteRange,
  frames: readonly PackedFrame[],
  createdAt: number,
): Buffer {
  const footer = Buffer.from(formatFooter(representation, range, createdAt), 'utf8')
  const tableBytes = frames.length * entryBytes
  const tail = Buffer.allocUnsafeSlow(tableBytes + footer.length + trailerBytes)
  frames.forEach(({ length, checksum }, index) => {
    tail.writeUInt32LE(length, index * entryBytes)
    tail.writeUInt32LE(checksum, index * entryBytes + 4)
  })
  footer.copy(tail, tableBytes)
  const trailer = tail.subarray(tableBytes + footer.length)
  trailer.writeBigUInt64LE(BigInt(rangeLength(range)), 0)
  trailer.writeUInt32LE(tableBytes, 8)
  trailer.writeUInt32LE(footer.length, 12)
  trailer.writeUInt32LE(frameBytes, 16)
  trailer.writeUInt32LE(crc32(tail.subarray(0, tail.length - 12)), 20)
  magic.copy(trailer, 24)
  return tail
}

export type DecodedPackedTail =
  | { readonly kind: 'tail'; readonly table: PackedTable }
  | { readonly kind: 'corrupt'; readonly reason: string }

/**
 * Reads back the tail from the last bytes of a file of `fileBytes`, at least the tail of them. Hostile: `corrupt` unless it is
 * the whole tail of exactly the extent that was looked for and its frames fill the rest of the file.
 */
export function decodePackedTail(
  end: Buffer,
  fileBytes: number,
  representation: Representation,
  range: ByteRange,
): DecodedPackedTail {
  const frames = frameCount(range)
  const tableBytes = frames * entryBytes
  const footerBytes = Buffer.byteLength(formatFooter(representation, range, 0), 'utf8')
  const tailBytes = tableBytes + footerBytes + trailerBytes
  if (end.length < tailBytes) return corrupt('shorter than its tail')
  const tail = end.subarray(end.length - tailBytes)
  const trailer = tail.subarray(tail.length - trailerBytes)
  if (magic.compare(trailer, 24) !== 0) return corrupt('no compressed extent')
  if (crc32(tail.subarray(0, tail.length - 12)) !== trailer.readUInt32LE(20)) return corrupt('wrong checksum')
  const sameLengths =
    trailer.readBigUInt64LE(0) === BigInt(rangeLength(range)) &&
    trailer.readUInt32LE(8) === tableBytes &&
    trailer.readUInt32LE(12) === footerBytes &&
    trailer.readUInt32LE(16) === frameBytes
  if (!sameLengths) return corrupt('wrong lengths')
  if (!isFooterOf(tail.toString('utf8', tableBytes, tableBytes + footerBytes), representation, range)) {
    return corrupt('another extent')
  }
  const offsets = new Float64Array(frames + 1)
  const checksums = new Uint32Array(frames)
  for (let frame = 0; frame < frames; frame++) {
    const length = tail.readUInt32LE(frame * entryBytes)
    if (length === 0 || length > frameLength(range, frame)) return corrupt('a frame of impossible length')
    offsets[frame + 1] = (offsets[frame] ?? 0) + length
    checksums[frame] = tail.readUInt32LE(frame * entryBytes + 4)
  }
  if (offsets[frames] !== fileBytes - tailBytes) return corrupt('frames and file differ in length')
  return { kind: 'tail', table: { offsets, checksums } }
}

function corrupt(reason: string): DecodedPackedTail {
  return { kind: 'corrupt', reason }
}
