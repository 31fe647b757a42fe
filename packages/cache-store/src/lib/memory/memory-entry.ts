import type { AbsentReason, Held, Representation } from '../cache-store.ts'
import type { Ticket } from './eviction/eviction.ts'
import type { MemoryExtent } from './memory-extent.ts'

/** What an eviction policy of the memory tier chooses among. Opaque to the policy. */
export type MemoryOwner = MemoryExtent | MemoryEntry

/** A snapshot of an entry: the same object until something changes. */
export class MemoryHeld implements Held {
  readonly representation: Representation
  readonly validatedAt: number
  readonly extents: readonly MemoryExtent[]
  /**
   * When a better source (the origin, or a tier that others write to) last said the same, milliseconds since the epoch. The one
   * thing of a snapshot that changes.
   */
  agreedAt: number

  constructor(representation: Representation, validatedAt: number, extents: readonly MemoryExtent[], agreedAt: number) {
    this.representation = representation
    this.validatedAt = validatedAt
    this.extents = extents
    this.agreedAt = agreedAt
  }
}

/** What the memory tier answers. */
export type MemoryLookup =
  | { readonly kind: 'held'; readonly held: MemoryHeld }
  | { readonly kind: 'absent'; readonly reason: AbsentReason }

/** What the tier holds of one key. */
export interface MemoryEntry {
  /** The answer of a lookup, made once. */
  found: Extract<MemoryLookup, { readonly kind: 'held' }>
  extents: readonly MemoryExtent[]
  /** Bytes charged for the representation, and for what hangs on it. */
  recordBytes: number
  /** The policy's note of an entry without extents; one with extents lives as long as the last of them. */
  ticket: Ticket<MemoryOwner> | undefined
}
