const lf = 0x0a
const cr = 0x0d

/** Bytes that were read before their turn. Takes no memory to speak of until there are some: every connection has one. */
export class PendingBytes {
  #buffer: Buffer | undefined
  #length = 0
  #looked = 0

  get length(): number {
    return this.#length
  }

  /** Copies `bytes` from `start` to `end`. */
  append(bytes: Uint8Array, start: number, end: number): void {
    const needed = this.#length + end - start
    let buffer = this.#buffer
    if (buffer === undefined || buffer.length < needed) {
      const larger = Buffer.allocUnsafeSlow(Math.max(needed, Math.min(2 * this.#length, this.#length + 65_536), 512))
      if (buffer !== undefined) larger.set(buffer.subarray(0, this.#length))
      buffer = larger
      this.#buffer = buffer
    }
    buffer.set(bytes.subarray(start, end), this.#length)
    this.#length = needed
  }

  /** Hands everything out; the caller may keep it. */
  take(): { readonly bytes: Buffer; readonly length: number } {
    const taken = { bytes: this.#buffer ?? Buffer.alloc(0), length: this.#length }
    this.#buffer = undefined
    this.#length = 0
    this.#looked = 0
    return taken
  }

  /**
   * Whether a head may end in what has come since this was asked last: an empty line, or a line break that is not one of
   * HTTP. Each byte is looked at once, however slowly they come.
   */
  endsHead(): boolean {
    const buffer = this.#buffer
    if (buffer === undefined) return false
    for (let at = buffer.indexOf(lf, this.#looked); at !== -1 && at < this.#length; at = buffer.indexOf(lf, at + 1)) {
      this.#looked = at + 1
      if (buffer[at - 1] !== cr) return true
      if (buffer[at - 2] === lf && buffer[at - 3] === cr) return true
    }
    this.#looked = this.#length
    return false
  }
}
