import type { ProxyError } from '@s3proxy/protocol'
import type { Representation } from '../cache-store.ts'
import { storeError, toStoreError } from '../store-error.ts'
import type { DiskExtent } from './disk-extent.ts'
import { decodeTail, maxTailBytes } from './extent-format.ts'
import { readFully } from './file-io.ts'
import { type File, isMissing } from './file-system.ts'

/** The checksums of an extent file. Rejects as `corrupt`: a file that opens but does not read is as lost as one that reads wrong. */
export async function readChecksums(
  file: File,
  extent: DiskExtent,
  representation: Representation,
): Promise<Uint32Array<ArrayBuffer>> {
  const tail = Buffer.allocUnsafe(maxTailBytes(extent) + 1)
  let length: number
  try {
    length = await readFully(file, tail, extent.end - extent.start)
  } catch (error) {
    throw storeError('corrupt', 'extent file: its tail cannot be read', error)
  }
  const decoded = decodeTail(tail.subarray(0, length), representation, extent)
  if (decoded.kind === 'corrupt') throw storeError('corrupt', `extent file: ${decoded.reason}`)
  return decoded.checksums
}

/** Why an extent could not be opened: `gone`, `corrupt` or `io`. */
export function toOpenError(error: unknown): ProxyError {
  if (isMissing(error)) return storeError('gone', 'the extent was removed', error)
  return toStoreError(error, 'opening an extent failed')
}
