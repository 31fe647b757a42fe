import { type ByteRange, rangeLength } from '@s3proxy/protocol'
import { storeError } from '../store-error.ts'
import { readFully } from './file-io.ts'
import type { File } from './file-system.ts'
import { unpackFrame } from './frame-codec.ts'
import { frameBytes, frameLength, type PackedTable } from './packed-format.ts'
import type { RunBuffers } from './run-buffers.ts'

/** The verified bytes of a frame. Rejects with a store error. */
export async function readFrame(file: File, table: PackedTable, extent: ByteRange, frame: number): Promise<Buffer> {
  const offset = table.offsets[frame] ?? 0
  const stored = Buffer.allocUnsafeSlow((table.offsets[frame + 1] ?? 0) - offset)
  if ((await readFully(file, stored, offset)) < stored.length) throw storeError('corrupt', 'the file is cut short')
  return await unpackFrame(stored, frameLength(extent, frame), table.checksums[frame] ?? 0)
}

/**
 * The verified bytes of the frame that holds `position` (an offset in the extent), in memory taken from `buffers`. Rejects with
 * a store error, the memory given back.
 */
export async function readFrameAt(
  file: File,
  table: PackedTable,
  extent: ByteRange,
  position: number,
  buffers: RunBuffers,
): Promise<{ readonly from: number; readonly buffer: Buffer }> {
  if (position >= rangeLength(extent)) throw storeError('misuse', 'no frame there')
  const frame = Math.floor(position / frameBytes)
  const buffer = buffers.take(frameLength(extent, frame))
  try {
    const raw = await readFrame(file, table, extent, frame)
    raw.copy(buffer)
  } catch (error) {
    buffers.discard(buffer)
    throw error
  }
  return { from: frame * frameBytes, buffer }
}
