import { promisify } from 'node:util'
import { crc32, zstdCompress, zstdDecompress } from 'node:zlib'
import { storeError } from '../store-error.ts'

const compress = promisify(zstdCompress)
const decompress = promisify(zstdDecompress)

/** A frame as it stands in a file, and the checksum of what it stands for. */
export interface PackedBytes {
  readonly bytes: Uint8Array
  readonly checksum: number
}

/** Compresses a frame on a thread of the pool; bytes that do not become shorter stay as they are. */
export async function packFrame(raw: Uint8Array): Promise<PackedBytes> {
  const packed = await compress(raw)
  return { bytes: packed.length < raw.length ? packed : raw, checksum: crc32(raw) }
}

/**
 * The bytes of a frame. Hostile: never more than `length` bytes are made, and rejects as `corrupt` unless they are exactly
 * as many and have the checksum.
 */
export async function unpackFrame(stored: Buffer, length: number, checksum: number): Promise<Buffer> {
  const raw = stored.length === length ? stored : await inflate(stored, length)
  if (raw.length !== length || crc32(raw) !== checksum) throw storeError('corrupt', 'a frame has changed')
  return raw
}

async function inflate(stored: Buffer, length: number): Promise<Buffer> {
  try {
    return await decompress(stored, { maxOutputLength: length })
  } catch (error) {
    throw storeError('corrupt', 'a frame cannot be decompressed', error)
  }
}
