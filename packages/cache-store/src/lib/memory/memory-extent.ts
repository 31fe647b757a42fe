import { type ByteRange, type ByteSource, rangeLength } from '@s3proxy/protocol'
import type { Extent } from '../cache-store.ts'
import type { Ticket } from './eviction/eviction.ts'
import type { MemoryOwner } from './memory-entry.ts'

/** Bytes of one `next()`: enough to keep a socket busy, little enough to share the process fairly. */
const sliceBytes = 1024 * 1024

/** An extent that carries its bytes, so that a snapshot stays readable after the tier has let go of it. */
export class MemoryExtent implements Extent {
  readonly tier = 'memory'
  readonly start: number
  readonly end: number
  readonly bytes: Uint8Array
  /** The key it belongs to. */
  readonly key: string
  /** The policy's note, once the extent is published. */
  ticket: Ticket<MemoryOwner> | undefined = undefined

  constructor(key: string, start: number, bytes: Uint8Array) {
    this.key = key
    this.start = start
    this.end = start + bytes.length
    this.bytes = bytes
  }
}

/** Slices of bytes at hand: views, never copies. */
export class SliceSource implements ByteSource {
  readonly #bytes: Uint8Array
  readonly #end: number
  #position: number

  /** `range` counts from the start of `bytes`. */
  constructor(bytes: Uint8Array, range: ByteRange) {
    this.#bytes = bytes
    this.#position = range.start
    this.#end = range.end
  }

  next(): Uint8Array | null {
    const start = this.#position
    if (start >= this.#end) return null
    this.#position = Math.min(start + sliceBytes, this.#end)
    const whole = rangeLength({ start, end: this.#position }) === this.#bytes.length
    return whole ? this.#bytes : this.#bytes.subarray(start, this.#position)
  }

  cancel(): void {
    this.#position = this.#end
  }
}
