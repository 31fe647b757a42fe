import type { Extent } from '../cache-store.ts'
import type { Ticket } from './eviction/eviction.ts'
import type { MemoryOwner } from './memory-entry.ts'

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
