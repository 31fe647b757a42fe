import { type ByteRange, type ByteSource, rangeLength } from '@s3proxy/protocol'
import type { Representation } from '../cache-store.ts'
import { writeFully } from './file-io.ts'
import { packFrame } from './frame-codec.ts'
import type { Handle, Handles } from './handles.ts'
import type { ExtentTail } from './open-extent.ts'
import { decodePackedTail, encodePackedTail, frameBytes, type PackedFrame } from './packed-format.ts'
import type { Pace } from './upkeep.ts'

/** What writing a packed file takes. */
export interface Packing {
  readonly handles: Handles
  /** A path no file has had. */
  readonly temporaryPath: () => string
  /** Removes a file. Never rejects. */
  readonly discard: (path: string) => Promise<void>
  /** Milliseconds since the epoch. */
  readonly now: () => number
  readonly onError: (error: unknown) => void
}

/** A packed file under a temporary name, in which the caller has one use. */
export interface PackedFile {
  readonly path: string
  readonly handle: Handle
  readonly tail: ExtentTail
  readonly packedBytes: number
}

export type Packed =
  | { readonly kind: 'packed'; readonly file: PackedFile; readonly discard: () => Promise<void> }
  | { readonly kind: 'not-worth-it' }

/** A file that does not become shorter by an eighth is not worth the time to decompress it. */
const worthwhileShare = 7 / 8

/**
 * Writes the bytes of `range` as a packed file. Gives up after the first frame, or at the end, if too little is won. `source`
 * is ended in any case. Rejects if it fails, or writing does; nothing stays then.
 */
export async function writePacked(
  packing: Packing,
  representation: Representation,
  range: ByteRange,
  source: ByteSource,
  pace: Pace,
): Promise<Packed> {
  const path = packing.temporaryPath()
  const frames: PackedFrame[] = []
  let handle: Handle | undefined
  let at = 0
  const isWorthwhile = (packed: number, raw: number): boolean => packed <= raw * worthwhileShare
  const abandon = async (): Promise<void> => {
    handle?.release()
    if (handle !== undefined) await packing.discard(path)
  }
  try {
    for await (const raw of inFrames(source)) {
      const { bytes, checksum } = await packFrame(raw)
      if (pace.stopped || (frames.length === 0 && !isWorthwhile(bytes.length, raw.length))) {
        await abandon()
        return { kind: 'not-worth-it' }
      }
      handle ??= await packing.handles.create(path)
      await writeFully(handle.file, [bytes], at)
      frames.push({ length: bytes.length, checksum })
      at += bytes.length
      await pace.moved(raw.length)
    }
    const tail = encodePackedTail(representation, range, frames, packing.now())
    const packedBytes = at + tail.length
    const decoded = decodePackedTail(tail, packedBytes, representation, range)
    if (handle === undefined || decoded.kind === 'corrupt' || !isWorthwhile(packedBytes, rangeLength(range))) {
      await abandon()
      return { kind: 'not-worth-it' }
    }
    await writeFully(handle.file, [tail], at)
    const file = { path, handle, packedBytes, tail: { checksums: new Uint32Array(0), packed: decoded.table } }
    return { kind: 'packed', file, discard: () => packing.discard(path) }
  } catch (error) {
    packing.onError(error)
    await abandon()
    throw error
  } finally {
    source.cancel()
  }
}

/** The bytes in whole frames, the last one possibly short. */
async function* inFrames(source: ByteSource): AsyncGenerator<Uint8Array> {
  let frame = Buffer.allocUnsafeSlow(frameBytes)
  let filled = 0
  for (let chunk = await source.next(); chunk !== null; chunk = await source.next()) {
    for (let at = 0; at < chunk.length; ) {
      const part = chunk.subarray(at, at + frameBytes - filled)
      frame.set(part, filled)
      filled += part.length
      at += part.length
      if (filled < frameBytes) continue
      yield frame
      frame = Buffer.allocUnsafeSlow(frameBytes)
      filled = 0
    }
  }
  if (filled > 0) yield frame.subarray(0, filled)
}
