import { type ByteRange, rangeLength } from '@s3proxy/protocol'
import { storeError } from '../store-error.ts'
import { readFully } from './file-io.ts'
import { unpackFrame } from './frame-codec.ts'
import type { ExtentHandle } from './handles.ts'
import { frameBytes, frameLength, type PackedTable } from './packed-format.ts'
import type { RunBuffers } from './run-buffers.ts'

/**
 * The verified bytes of the frame that holds `position` (an offset in the extent), in memory taken from `buffers`. Rejects with
 * a store error, the memory given back.
 */
export async function readPackedFrame(
  handle: ExtentHandle,
  table: PackedTable,
  extent: ByteRange,
  position: number,
  buffers: RunBuffers,
): Promise<{ readonly from: number; readonly buffer: Buffer }> {
  const frame = Math.floor(position / frameBytes)
  const offset = table.offsets[frame] ?? 0
  const storedBytes = (table.offsets[frame + 1] ?? 0) - offset
  if (position >= rangeLength(extent) || storedBytes <= 0) throw storeError('misuse', 'no frame there')
  const length = frameLength(extent, frame)
  const buffer = buffers.take(length)
  try {
    const stored = Buffer.allocUnsafeSlow(storedBytes)
    if ((await readFully(handle.file, stored, offset)) < storedBytes)
      throw storeError('corrupt', 'the file is cut short')
    const raw = await unpackFrame(stored, length, table.checksums[frame] ?? 0)
    raw.copy(buffer)
  } catch (error) {
    buffers.discard(buffer)
    throw error
  }
  return { from: frame * frameBytes, buffer }
}
