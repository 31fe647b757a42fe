import { crc32 } from 'node:zlib'
import { accountCount } from './accounts.ts'

/** What an instance tells the others: rewritten in place, so that it is a sign of life too. */
export interface Report {
  /** Grows with every report. */
  readonly beat: number
  /** Bytes set aside for what is being written. */
  readonly reservedBytes: number
  /** Bytes it has added to each account, and freed from each, since it began. */
  readonly added: Float64Array
  readonly freed: Float64Array
}

const headNumbers = 2
const numbers = headNumbers + 2 * accountCount

/** Length of a report: its numbers as doubles, then a CRC-32 of them. Little-endian. */
export const reportBytes = numbers * 8 + 4

export function encodeReport({ beat, reservedBytes, added, freed }: Report): Buffer {
  const buffer = Buffer.alloc(reportBytes)
  const view = [beat, reservedBytes, ...added, ...freed]
  for (const [index, value] of view.entries()) buffer.writeDoubleLE(value, index * 8)
  buffer.writeUInt32LE(crc32(buffer.subarray(0, numbers * 8)), numbers * 8)
  return buffer
}

/** Undefined: no report, or one caught in the middle of being rewritten. */
export function decodeReport(bytes: Uint8Array): Report | undefined {
  if (bytes.length !== reportBytes) return undefined
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  if (crc32(buffer.subarray(0, numbers * 8)) !== buffer.readUInt32LE(numbers * 8)) return undefined
  const account = (from: number): Float64Array =>
    Float64Array.from({ length: accountCount }, (_, index) => buffer.readDoubleLE((from + index) * 8))
  return {
    beat: buffer.readDoubleLE(0),
    reservedBytes: buffer.readDoubleLE(8),
    added: account(headNumbers),
    freed: account(headNumbers + accountCount),
  }
}

/** Bytes added less those freed. */
export function netOf({ added, freed }: Pick<Report, 'added' | 'freed'>): number {
  let bytes = 0
  for (let account = 0; account < accountCount; account++) bytes += (added[account] ?? 0) - (freed[account] ?? 0)
  return bytes
}
