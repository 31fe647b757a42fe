import type { ByteRange } from '@s3proxy/protocol'
import type { Representation } from '../cache-store.ts'
import { maxRecordFileBytes } from '../record.ts'
import type { DiskEntry } from './disk-extent.ts'
import { extentFileBytes } from './extent-format.ts'

/** File systems give out space in blocks; 4 KiB is the common one. */
const allocationBytes = 4096

/** Charged for a key's directory. */
export const directoryCharge = allocationBytes

/** What a file of `bytes` is charged for. */
export function fileCharge(bytes: number): number {
  return Math.ceil(bytes / allocationBytes) * allocationBytes
}

/** What the file of an extent is charged for; of a range: of a plain extent of it. */
export function extentCharge(
  representation: Representation,
  extent: ByteRange & { readonly packedBytes?: number | undefined },
): number {
  return fileCharge(extent.packedBytes ?? extentFileBytes(representation, extent))
}

/** Upper bound of what a record without a body is charged for, with the key's directory. */
export function maxRecordCharge(representation: Representation): number {
  return fileCharge(maxRecordFileBytes(representation)) + directoryCharge
}

/** What a key is charged for apart from its extent files. */
export function recordCharge(entry: DiskEntry | undefined): number {
  return entry === undefined ? 0 : fileCharge(entry.recordBytes) + directoryCharge
}
