import type { Lookup } from '../cache-store.ts'
import type { Ticket } from './eviction/eviction.ts'
import type { MemoryExtent } from './memory-extent.ts'

/** What an eviction policy of the memory tier chooses among. Opaque to the policy. */
export type MemoryOwner = MemoryExtent | MemoryEntry

/** What the tier holds of one key. */
export interface MemoryEntry {
  /** The answer of a lookup, made once. */
  found: Extract<Lookup, { readonly kind: 'held' }>
  extents: readonly MemoryExtent[]
  /** Bytes charged for the representation. */
  readonly recordBytes: number
  /** The policy's note of an entry without extents; one with extents lives as long as the last of them. */
  ticket: Ticket<MemoryOwner> | undefined
}
