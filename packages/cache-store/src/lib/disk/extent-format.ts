import { crc32 } from 'node:zlib'
import { type ByteRange, rangeLength } from '@s3proxy/protocol'
import type { Representation } from '../cache-store.ts'

/*
 * An extent file: the bytes as they are, then a tail that makes the file self-describing. Little-endian:
 *
 *   body     the bytes, from offset 0
 *   table    one CRC-32 (4 bytes) per block of 64 KiB of the body
 *   footer   JSON: key, etag, size, start, end, createdAt
 *   trailer  0  8  bytes of body
 *            8  4  bytes of table
 *           12  4  bytes of footer
 *           16  4  bytes of a block
 *           20  4  CRC-32 of table, footer and the 20 bytes before
 *           24  8  magic "S3PXEXT1"
 */

/** Bytes under one checksum: large enough to cost nothing, small enough that a small range reads little more. */
export const blockBytes = 64 * 1024

const trailerBytes = 32
const magic = Buffer.from('S3PXEXT1', 'latin1')

/** Upper bound of a footer; see {@link isStorable}. */
export const maxFooterBytes = 64 * 1024

/** Whether key and entity tag are short enough for a footer, with every character escaped. */
export function isStorable(representation: Representation): boolean {
  return (representation.key.length + representation.etag.length) * 6 + 256 <= maxFooterBytes
}

export function blockCount(range: ByteRange): number {
  return Math.ceil(rangeLength(range) / blockBytes)
}

/** Upper bound of the tail of an extent of `range`. */
export function maxTailBytes(range: ByteRange): number {
  return blockCount(range) * 4 + maxFooterBytes + trailerBytes
}

/** Exact length of the file of an extent. */
export function extentFileBytes(representation: Representation, range: ByteRange): number {
  const footer = Buffer.byteLength(formatFooter(representation, range, 0), 'utf8')
  return rangeLength(range) + blockCount(range) * 4 + footer + trailerBytes
}

/** Everything after the body. `checksums` has one CRC-32 per block, the last block possibly short. */
export function encodeTail(
  representation: Representation,
  range: ByteRange,
  checksums: readonly number[],
  createdAt: number,
): Buffer {
  const footer = Buffer.from(formatFooter(representation, range, createdAt), 'utf8')
  const tableBytes = checksums.length * 4
  const tail = Buffer.allocUnsafeSlow(tableBytes + footer.length + trailerBytes)
  checksums.forEach((checksum, block) => {
    tail.writeUInt32LE(checksum, block * 4)
  })
  footer.copy(tail, tableBytes)
  const trailer = tail.subarray(tableBytes + footer.length)
  trailer.writeBigUInt64LE(BigInt(rangeLength(range)), 0)
  trailer.writeUInt32LE(tableBytes, 8)
  trailer.writeUInt32LE(footer.length, 12)
  trailer.writeUInt32LE(blockBytes, 16)
  trailer.writeUInt32LE(crc32(tail.subarray(0, tail.length - 12)), 20)
  magic.copy(trailer, 24)
  return tail
}

export type DecodedTail =
  | { readonly kind: 'tail'; readonly checksums: Uint32Array<ArrayBuffer> }
  | { readonly kind: 'corrupt'; readonly reason: string }

/**
 * Reads back what follows the body, up to the end of the file. Hostile: `corrupt` unless it is the whole tail of
 * exactly the extent that was looked for.
 */
export function decodeTail(tail: Buffer, representation: Representation, range: ByteRange): DecodedTail {
  const blocks = blockCount(range)
  const footerStart = blocks * 4
  if (tail.length < footerStart + trailerBytes) return corrupt('shorter than its tail')
  const trailer = tail.subarray(tail.length - trailerBytes)
  if (magic.compare(trailer, 24) !== 0) return corrupt('no extent')
  if (crc32(tail.subarray(0, tail.length - 12)) !== trailer.readUInt32LE(20)) return corrupt('wrong checksum')
  const footerBytes = tail.length - trailerBytes - footerStart
  const sameLengths =
    trailer.readBigUInt64LE(0) === BigInt(rangeLength(range)) &&
    trailer.readUInt32LE(8) === footerStart &&
    trailer.readUInt32LE(12) === footerBytes &&
    trailer.readUInt32LE(16) === blockBytes
  if (!sameLengths) return corrupt('wrong lengths')
  const footer = tail.toString('utf8', footerStart, footerStart + footerBytes)
  if (!isFooterOf(footer, representation, range)) return corrupt('another extent')
  const checksums = new Uint32Array(blocks)
  for (let block = 0; block < blocks; block++) checksums[block] = tail.readUInt32LE(block * 4)
  return { kind: 'tail', checksums }
}

function corrupt(reason: string): DecodedTail {
  return { kind: 'corrupt', reason }
}

/** The same length whenever it was created. */
export function formatFooter(representation: Representation, range: ByteRange, createdAt: number): string {
  const { key, etag, size } = representation
  return JSON.stringify({ key, etag, size, start: range.start, end: range.end, createdAt: isoTime(createdAt) })
}

function isoTime(time: number): string {
  return new Date(Math.min(Math.max(time, 0), 253_402_300_799_999)).toISOString()
}

export function isFooterOf(footer: string, representation: Representation, range: ByteRange): boolean {
  const expected = formatFooter(representation, range, 0)
  const fixed = expected.length - isoTime(0).length - 2
  return footer.length === expected.length && footer.slice(0, fixed) === expected.slice(0, fixed)
}
