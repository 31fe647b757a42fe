import type { ByteRange } from '@s3proxy/protocol'
import type { Representation } from '../cache-store.ts'
import { maxRecordFileBytes } from '../record.ts'
import { extentFileBytes } from './extent-format.ts'
import type { FileStat } from './file-system.ts'

/** File systems give out space in blocks; 4 KiB is the common one. */
const allocationBytes = 4096

/** Runs of blocks that ext4 notes in the inode; a file in more pieces has blocks for its map, which `du` counts. */
const inlineRuns = 4

/** Runs of blocks that one block of such a map has room for. */
const runsPerMapBlock = 340

/** Charged for a directory as long as it has one block; growth is charged when it happens. */
export const directoryCharge = allocationBytes

/** What a directory is charged for. Some file systems count nothing for them: overcounted here. */
export function directoryChargeOf({ allocatedBytes }: Pick<FileStat, 'allocatedBytes'>): number {
  return Math.max(directoryCharge, allocatedBytes)
}

/**
 * What a change adds for directories at most: the key's own with both above it, and one more step of growth, of two
 * blocks, in two of them.
 */
export const maxDirectoryGrowth = 7 * allocationBytes

/** What a file of `bytes` is charged for: at least what `du` counts, however scattered the volume had to put it. */
export function fileCharge(bytes: number): number {
  const blocks = Math.ceil(bytes / allocationBytes)
  return (blocks + mapBlocks(blocks)) * allocationBytes
}

function mapBlocks(runs: number): number {
  if (runs <= inlineRuns) return 0
  const leaves = Math.ceil(runs / runsPerMapBlock)
  return leaves + mapBlocks(leaves)
}

/** What the file of an extent is charged for; of a range: of a plain extent of it. */
export function extentCharge(
  representation: Representation,
  extent: ByteRange & { readonly packedBytes?: number | undefined },
): number {
  return fileCharge(extent.packedBytes ?? extentFileBytes(representation, extent))
}

/** Upper bound of what a record without a body is charged for, with what directories may grow by. */
export function maxRecordCharge(representation: Representation): number {
  return fileCharge(maxRecordFileBytes(representation)) + maxDirectoryGrowth
}
