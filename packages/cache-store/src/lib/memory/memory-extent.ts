import type { Extent } from '../cache-store.ts'
import type { Ticket } from './eviction/eviction.ts'
import type { MemoryOwner } from './memory-entry.ts'

/** An extent that carries its bytes, so that a snapshot stays readable after the tier has let go of it. */
export class MemoryExtent implements Extent {
  readonly tier = 'memory'
  readonly start: number
  readonly end: number
  readonly bytes: Buffer
  /** The key it belongs to. */
  readonly key: string
  /** The policy's note, once the extent is published. */
  ticket: Ticket<MemoryOwner> | undefined = undefined
  /** Sources over the bytes that have not ended. */
  readers = 0
  /** Whether the tier has let go of it while it was being read: its bytes stay charged until the last source ends. */
  lingers = false
  /** Where the last read ended. The first one was that of whoever caused the fill: to the end. */
  #readTo: number

  constructor(key: string, start: number, bytes: Buffer) {
    this.key = key
    this.start = start
    this.end = start + bytes.length
    this.bytes = bytes
    this.#readTo = this.end
  }

  /**
   * Notes a read of `[start, end)`. True if it is another use: a read that goes on where the last one stopped or further on is part
   * of the same pass, and reading through an object once in small pieces must not look like popularity.
   */
  noteRead(start: number, end: number): boolean {
    const isAnother = start < this.#readTo
    this.#readTo = end
    return isAnother
  }
}
