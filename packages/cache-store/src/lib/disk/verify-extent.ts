import { crc32 } from 'node:zlib'
import type { ByteRange } from '@s3proxy/protocol'
import type { Representation } from '../cache-store.ts'
import { storeError } from '../store-error.ts'
import type { DiskExtent } from './disk-extent.ts'
import { blockBytes } from './extent-format.ts'
import { readFully } from './file-io.ts'
import type { File, FileSystem } from './file-system.ts'
import { readTail, toOpenError } from './open-extent.ts'
import { readFrame } from './packed-blocks.ts'

/** How an extent file is verified. */
export interface VerifyExtentOptions {
  readonly fs: FileSystem
  readonly path: string
  readonly extent: DiskExtent
  readonly representation: Representation
  /** Sees the bytes, in order; what it returns is waited for, which sets the pace. `bytes` is used again afterwards. */
  readonly onBytes?: (bytes: Uint8Array) => void | Promise<void>
}

/** Bytes of one read: small, as others wait for the disk too. */
const stepBytes = 4 * blockBytes

/** Reads an extent file from end to end against its checksums. Rejects with a store error: `corrupt`, `gone` or `io`. */
export async function verifyExtent(options: VerifyExtentOptions): Promise<void> {
  const { fs, path, extent, representation, onBytes = () => undefined } = options
  const file = await fs.open(path, 'read').catch((error: unknown) => {
    throw toOpenError(error)
  })
  try {
    const { checksums, packed } = await readTail(file, extent, representation)
    if (packed !== undefined) {
      for (let frame = 0; frame < packed.checksums.length; frame++) {
        await onBytes(await readFrame(file, packed, extent, frame))
      }
      return
    }
    const buffer = Buffer.allocUnsafe(stepBytes)
    const length = lengthOf(extent)
    for (let at = 0; at < length; at += stepBytes) {
      const bytes = buffer.subarray(0, Math.min(stepBytes, length - at))
      if ((await read(file, bytes, at)) < bytes.length) throw storeError('corrupt', 'the file is cut short')
      for (let offset = 0; offset < bytes.length; offset += blockBytes) {
        const sum = crc32(bytes.subarray(offset, offset + blockBytes))
        if (sum !== checksums[(at + offset) / blockBytes]) {
          throw storeError('corrupt', `the block at ${at + offset} has changed`)
        }
      }
      await onBytes(bytes)
    }
  } finally {
    await file.close()
  }
}

/** A file that opens but does not read is as lost as one that reads wrong. */
async function read(file: File, bytes: Uint8Array, position: number): Promise<number> {
  try {
    return await readFully(file, bytes, position)
  } catch (error) {
    throw storeError('corrupt', 'the file cannot be read', error)
  }
}

function lengthOf({ start, end }: ByteRange): number {
  return end - start
}
