import { type ProxyError, rangeLength } from '@s3proxy/protocol'
import type { Representation } from '../cache-store.ts'
import { storeError, toStoreError } from '../store-error.ts'
import type { DiskExtent } from './disk-extent.ts'
import { decodeTail, maxTailBytes } from './extent-format.ts'
import { readFully } from './file-io.ts'
import { type File, isMissing } from './file-system.ts'
import { decodePackedTail, maxPackedTailBytes, type PackedTable } from './packed-format.ts'

/** What has to be known of an open extent file to read it. */
export interface ExtentTail {
  /** Of a plain file: one CRC-32 per block. */
  readonly checksums: Uint32Array<ArrayBuffer>
  /** Of a compressed one. */
  readonly packed: PackedTable | undefined
}

/** Reads it. Rejects as `corrupt`: a file that opens but does not read is as lost as one that reads wrong. */
export async function readTail(file: File, extent: DiskExtent, representation: Representation): Promise<ExtentTail> {
  return extent.packedBytes === undefined
    ? await readPlainTail(file, extent, representation)
    : await readPackedTail(file, extent, extent.packedBytes, representation)
}

async function readPlainTail(file: File, extent: DiskExtent, representation: Representation): Promise<ExtentTail> {
  const tail = await readEnd(file, rangeLength(extent), maxTailBytes(extent) + 1)
  const decoded = decodeTail(tail, representation, extent)
  if (decoded.kind === 'corrupt') throw storeError('corrupt', `extent file: ${decoded.reason}`)
  return { checksums: decoded.checksums, packed: undefined }
}

async function readPackedTail(
  file: File,
  extent: DiskExtent,
  fileBytes: number,
  representation: Representation,
): Promise<ExtentTail> {
  const at = Math.max(0, fileBytes - maxPackedTailBytes(extent))
  // One more: a file that is longer than its name says is not the one.
  const end = await readEnd(file, at, fileBytes - at + 1)
  if (end.length !== fileBytes - at) throw storeError('corrupt', 'extent file: not as long as its name says')
  const decoded = decodePackedTail(end, fileBytes, representation, extent)
  if (decoded.kind === 'corrupt') throw storeError('corrupt', `extent file: ${decoded.reason}`)
  return { checksums: new Uint32Array(0), packed: decoded.table }
}

async function readEnd(file: File, at: number, mostBytes: number): Promise<Buffer> {
  const buffer = Buffer.allocUnsafe(mostBytes)
  try {
    return buffer.subarray(0, await readFully(file, buffer, at))
  } catch (error) {
    throw storeError('corrupt', 'extent file: its tail cannot be read', error)
  }
}

/** Why an extent could not be opened: `gone`, `corrupt` or `io`. */
export function toOpenError(error: unknown): ProxyError {
  if (isMissing(error)) return storeError('gone', 'the extent was removed', error)
  return toStoreError(error, 'opening an extent failed')
}
