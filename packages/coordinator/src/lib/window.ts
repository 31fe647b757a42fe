/** A chunk, and the offset of its first byte. */
export interface WindowChunk {
  readonly start: number
  readonly data: Uint8Array
}

/** The last bytes of a growing extent: whole chunks, addressed by absolute offset. */
export interface Window {
  /** Offset of the first byte held. */
  readonly start: number
  /** Offset one past the last byte received. */
  readonly end: number
  /** End of the oldest chunk; `end` if there is none. */
  readonly firstEnd: number
  /** Bytes held. */
  readonly bytes: number
  /** Chunks held. */
  readonly length: number
  push(chunk: Uint8Array): void
  /** Drops the oldest chunk, and returns it. */
  shift(): Uint8Array | undefined
  /** The chunk that holds the byte at `offset`; undefined outside of the window. */
  at(offset: number): WindowChunk | undefined
}

/** An empty window at `start`. */
export function createWindow(start: number): Window {
  return new ChunkWindow(start)
}

class ChunkWindow implements Window {
  #chunks: WindowChunk[] = []
  #head = 0
  #end: number

  constructor(start: number) {
    this.#end = start
  }

  get start(): number {
    return this.#first?.start ?? this.#end
  }

  get end(): number {
    return this.#end
  }

  get firstEnd(): number {
    const chunk = this.#first
    return chunk === undefined ? this.#end : chunk.start + chunk.data.length
  }

  get bytes(): number {
    return this.#end - this.start
  }

  get length(): number {
    return this.#chunks.length - this.#head
  }

  get #first(): WindowChunk | undefined {
    return this.#chunks[this.#head]
  }

  push(data: Uint8Array): void {
    this.#chunks.push({ start: this.#end, data })
    this.#end += data.length
  }

  shift(): Uint8Array | undefined {
    const dropped = this.#first?.data
    if (this.#head < this.#chunks.length) this.#head++
    if (this.#head > 64 && this.#head * 2 > this.#chunks.length) {
      this.#chunks = this.#chunks.slice(this.#head)
      this.#head = 0
    } else if (this.#head > 0) {
      // The dropped chunk must not be kept alive by its slot.
      this.#chunks[this.#head - 1] = { start: -1, data: new Uint8Array(0) }
    }
    return dropped
  }

  at(offset: number): WindowChunk | undefined {
    let low = this.#head
    let high = this.#chunks.length - 1
    while (low <= high) {
      const middle = (low + high) >> 1
      const chunk = this.#chunks[middle]
      if (chunk === undefined || offset < chunk.start) high = middle - 1
      else if (offset >= chunk.start + chunk.data.length) low = middle + 1
      else return chunk
    }
    return undefined
  }
}
