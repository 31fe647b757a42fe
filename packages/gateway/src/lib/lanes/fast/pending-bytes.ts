/** Bytes that were read before their turn. */
export interface PendingBytes {
  readonly length: number
  /** Copies `bytes` from `start` to `end`. */
  append(bytes: Uint8Array, start: number, end: number): void
  /** Hands everything out; the caller may keep it. */
  take(): { readonly bytes: Buffer; readonly length: number }
  /**
   * Whether a head may end in what has come since this was asked last: an empty line, or a line break that is not one of
   * HTTP. Each byte is looked at once, however slowly they come.
   */
  endsHead(): boolean
}

const lf = 0x0a
const cr = 0x0d

/** Holds nothing, and takes no memory until it does. */
export function createPendingBytes(): PendingBytes {
  let buffer: Buffer | undefined
  let length = 0
  let looked = 0
  return {
    get length() {
      return length
    },
    append(bytes, start, end) {
      const needed = length + end - start
      if (buffer === undefined || buffer.length < needed) {
        const larger = Buffer.allocUnsafeSlow(Math.max(needed, Math.min(2 * length, length + 65_536), 512))
        if (buffer !== undefined) larger.set(buffer.subarray(0, length))
        buffer = larger
      }
      buffer.set(bytes.subarray(start, end), length)
      length = needed
    },
    take() {
      const taken = { bytes: buffer ?? Buffer.alloc(0), length }
      buffer = undefined
      length = 0
      looked = 0
      return taken
    },
    endsHead() {
      if (buffer === undefined) return false
      for (let at = buffer.indexOf(lf, looked); at !== -1 && at < length; at = buffer.indexOf(lf, at + 1)) {
        looked = at + 1
        if (buffer[at - 1] !== cr) return true
        if (buffer[at - 2] === lf && buffer[at - 3] === cr) return true
      }
      looked = length
      return false
    },
  }
}
