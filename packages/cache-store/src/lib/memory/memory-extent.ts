import type { Extent } from '../cache-store.ts'
import type { Ticket } from './eviction/eviction.ts'
import type { MemoryOwner } from './memory-entry.ts'

/**
 * Who may look at the memory of an extent: those who filled it; nobody but the tier, since they have given it back; anyone whom
 * the tier has given it to read, for good; another fill, so that a snapshot that still names the extent cannot be read.
 */
export type MemoryUse = 'filled' | 'given-back' | 'read' | 'taken'

/** An extent that carries its bytes, so that a snapshot stays readable after the tier has let go of it, unless its memory is taken. */
export class MemoryExtent implements Extent {
  readonly tier = 'memory'
  readonly start: number
  readonly end: number
  readonly bytes: Buffer<ArrayBuffer>
  /** The key it belongs to. */
  readonly key: string
  /** The policy's note, once the extent is published. */
  ticket: Ticket<MemoryOwner> | undefined = undefined
  /** Sources over the bytes that have not ended. */
  readers = 0
  /** Whether the tier has let go of it while it was being read: its bytes stay charged until the last source ends. */
  lingers = false
  memory: MemoryUse = 'filled'
  /** Where the last read ended. The first one was that of whoever caused the fill: to the end. */
  #readTo: number

  constructor(key: string, start: number, bytes: Buffer<ArrayBuffer>) {
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
    this.memory = 'read'
    this.#readTo = end
    return isAnother
  }
}
