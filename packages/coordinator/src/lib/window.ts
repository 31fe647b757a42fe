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
  let chunks: WindowChunk[] = []
  let head = 0
  let end = start
  const first = () => chunks[head]
  return {
    get start() {
      return first()?.start ?? end
    },
    get end() {
      return end
    },
    get firstEnd() {
      const chunk = first()
      return chunk === undefined ? end : chunk.start + chunk.data.length
    },
    get bytes() {
      return end - (first()?.start ?? end)
    },
    get length() {
      return chunks.length - head
    },
    push(data) {
      chunks.push({ start: end, data })
      end += data.length
    },
    shift() {
      const dropped = first()?.data
      if (head < chunks.length) head++
      if (head > 64 && head * 2 > chunks.length) {
        chunks = chunks.slice(head)
        head = 0
      } else if (head > 0) {
        // The dropped chunk must not be kept alive by its slot.
        chunks[head - 1] = { start: -1, data: new Uint8Array(0) }
      }
      return dropped
    },
    at(offset) {
      let low = head
      let high = chunks.length - 1
      while (low <= high) {
        const middle = (low + high) >> 1
        const chunk = chunks[middle]
        if (chunk === undefined || offset < chunk.start) high = middle - 1
        else if (offset >= chunk.start + chunk.data.length) low = middle + 1
        else return chunk
      }
      return undefined
    },
  }
}
