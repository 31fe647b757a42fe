import type { ByteSource } from '@s3proxy/protocol'

/** Bytes of one `next()`: enough to keep a socket busy, little enough to share the process fairly. */
const sliceBytes = 1024 * 1024

/** A {@link ByteSource} over bytes at hand: views, never copies, and never a promise. */
export class SliceSource implements ByteSource {
  readonly #bytes: Uint8Array
  readonly #end: number
  #position: number

  /** From `start` to `end`, counted from the start of `bytes`. */
  constructor(bytes: Uint8Array, start: number, end: number) {
    this.#bytes = bytes
    this.#position = start
    this.#end = end
  }

  /** Whether the last byte has been handed out. */
  get isAtEnd(): boolean {
    return this.#position >= this.#end
  }

  next(): Uint8Array | null {
    const start = this.#position
    if (start >= this.#end) return null
    const end = Math.min(start + sliceBytes, this.#end)
    this.#position = end
    return end - start === this.#bytes.length ? this.#bytes : this.#bytes.subarray(start, end)
  }

  cancel(): void {
    this.#position = this.#end
  }
}

/** A source that is only opened when it is first asked for bytes. */
export function lazySource(open: () => ByteSource | Promise<ByteSource>): ByteSource {
  let source: ByteSource | undefined
  let cancelled = false
  const start = async (): Promise<Uint8Array | null> => {
    source = await open()
    if (!cancelled) return source.next()
    source.cancel()
    return null
  }
  return {
    next: () => (source === undefined ? start() : source.next()),
    cancel(reason) {
      cancelled = true
      source?.cancel(reason)
    },
    recycle: (chunk) => source?.recycle?.(chunk),
  }
}
