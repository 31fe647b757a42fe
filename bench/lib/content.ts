/**
 * The bytes of every object of the benchmarks: a block of random bytes over and over, each copy with its number in front,
 * so that bytes from a wrong offset show. It repeats after a prime number of blocks: an offset that is wrong by whole
 * parts or pages does not meet the same bytes again.
 */

const blockBytes = 4096
const periodBlocks = 4093

/** After so many bytes the content repeats. */
export const periodBytes: number = periodBlocks * blockBytes

/** How thoroughly to compare: every byte, or one block of each piece, which finds misplaced bytes at little cost. */
export type Thoroughness = 'every-byte' | 'sample'

/** Content as origin and clients see it. */
export interface Content {
  /** The bytes of `[start, end)`, in pieces of at most `maxBytes`; views of one buffer. */
  pieces(start: number, end: number, maxBytes: number): Generator<Uint8Array>
  /** Whether `bytes` are those at `offset`. */
  matches(offset: number, bytes: Uint8Array, thoroughness: Thoroughness): boolean
}

/** Builds the content: the same in every process. Takes 16 MiB. */
export function createContent(): Content {
  const period = Buffer.allocUnsafeSlow(periodBytes)
  const noise = noiseBlock()
  for (let block = 0; block < periodBlocks; block++) {
    period.set(noise, block * blockBytes)
    period.writeUInt32LE(block, block * blockBytes)
  }

  const isEqual = (offset: number, bytes: Uint8Array): boolean => {
    let at = 0
    while (at < bytes.length) {
      const start = (offset + at) % periodBytes
      const length = Math.min(bytes.length - at, periodBytes - start)
      if (period.compare(bytes, at, at + length, start, start + length) !== 0) return false
      at += length
    }
    return true
  }

  return {
    *pieces(start, end, maxBytes) {
      for (let at = start; at < end; ) {
        const from = at % periodBytes
        const length = Math.min(maxBytes, end - at, periodBytes - from)
        yield period.subarray(from, from + length)
        at += length
      }
    },
    matches(offset, bytes, thoroughness) {
      if (thoroughness === 'every-byte' || bytes.length <= blockBytes) return isEqual(offset, bytes)
      // A block's length of bytes from anywhere holds all bytes of a number.
      return isEqual(offset, bytes.subarray(0, blockBytes))
    },
  }
}

/** Bytes that do not compress, by a xorshift generator with a fixed seed. */
function noiseBlock(): Buffer {
  const block = Buffer.alloc(blockBytes)
  let state = 0x9e3779b9
  for (let at = 0; at < blockBytes; at += 4) {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    block.writeInt32LE(state | 0, at)
  }
  return block
}
