import { createHash } from 'node:crypto'

/** The bytes of an object, made or held; asked for piece by piece, so that a large one needs no memory. */
export interface Content {
  readonly size: number
  /** Bytes `[start, end)`, with `0 <= start <= end <= size`. */
  slice(start: number, end: number): Uint8Array
}

/** Content held in memory; text is UTF-8. */
export function bufferContent(bytes: string | Uint8Array): Content {
  const data = Buffer.from(bytes as string)
  return { size: data.length, slice: (start, end) => data.subarray(start, end) }
}

/** A prime number of bytes, so that no two aligned blocks of an object begin alike. */
const tileBytes = 1_048_573
const stampBytes = 65_536

/**
 * Content made on demand: the same for the same `seed`, unlike for any other, and unlike at any two places that a
 * proxy could confuse. About as fast as memory, so 5 GiB are no trouble.
 */
export function patternContent(size: number, seed = 1): Content {
  const tile = randomTile(seed)
  return {
    size,
    slice(start, end) {
      const bytes = Buffer.allocUnsafe(end - start)
      for (let position = start; position < end; ) {
        const offset = position % tileBytes
        const run = Math.min(tileBytes - offset, end - position)
        tile.copy(bytes, position - start, offset, offset + run)
        position += run
      }
      for (let stamp = Math.ceil(start / stampBytes) * stampBytes; stamp < end; stamp += stampBytes) {
        const mark = (stamp / stampBytes) >>> 0
        for (let i = 0; i < 4 && stamp + i < end; i++) bytes[stamp - start + i] = (mark >>> (8 * i)) & 0xff
      }
      return bytes
    },
  }
}

/** SHA-256 of all of `content`, in hex. */
export function contentSha256(content: Content): string {
  const hash = createHash('sha256')
  for (const piece of pieces(content, 0, content.size)) hash.update(piece)
  return hash.digest('hex')
}

/** MD5 of all of `content`, in hex: what S3 uses as the ETag of an object that was put in one part. */
export function contentMd5(content: Content): string {
  const hash = createHash('md5')
  for (const piece of pieces(content, 0, content.size)) hash.update(piece)
  return hash.digest('hex')
}

/** Bytes `[start, end)` in pieces of at most 256 KiB, made one at a time. */
export function* pieces(content: Content, start: number, end: number): Generator<Uint8Array> {
  const step = 262_144
  for (let position = start; position < end; position += step) {
    yield content.slice(position, Math.min(position + step, end))
  }
}

/** xorshift32: fast, and good enough to tell bytes apart. */
function randomTile(seed: number): Buffer {
  const words = new Uint32Array(Math.ceil(tileBytes / 4))
  let state = (seed * 2_654_435_761) >>> 0 || 1
  for (let i = 0; i < words.length; i++) {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    words[i] = state >>> 0
  }
  return Buffer.from(words.buffer, 0, tileBytes)
}
