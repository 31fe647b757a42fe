import type { Extent, Held, Lookup } from './cache-store.ts'
import type { MemoryHeld, MemoryLookup } from './memory/memory-entry.ts'
import type { MemoryTier } from './memory/memory-tier.ts'
import { isWhole, sameBytes, sameRecord } from './representation.ts'

export interface SettleOptions {
  readonly memory: MemoryTier
  /** For how long memory speaks for a key by itself, milliseconds. */
  readonly trustMs: (at: number) => number
  /** Milliseconds since the epoch. */
  readonly now: () => number
}

/**
 * What is current when memory and the disk are asked. The disk is shared: what it says was said last, by anybody. Memory is this
 * process's own, and right only as far as the disk, or the origin, has lately said the same. So:
 *
 * - what both say is so;
 * - if they differ, the one confirmed later is believed, and memory gives way if that is the disk;
 * - what memory alone says, or says against the disk, counts only while it is trusted. After that its bytes stay, but as expired
 *   (`validatedAt` 0): nobody gets them before the origin has confirmed them.
 */
export interface Settle {
  /** Whether memory may speak by itself. */
  isTrusted(held: MemoryHeld): boolean
  /** `onDisk`: what the disk said when it was asked at `askedAt`. */
  join(inMemory: MemoryLookup, onDisk: Lookup, askedAt: number): Lookup
}

export function createSettle({ memory, trustMs, now }: SettleOptions): Settle {
  const isTrusted = (held: MemoryHeld): boolean => {
    const at = now()
    const ageMs = at - held.agreedAt
    return ageMs >= 0 && ageMs <= trustMs(at)
  }
  /** What memory says, without the disk behind it. */
  const alone = (upper: MemoryHeld, extents: readonly Extent[]): Lookup => {
    if (!isTrusted(upper)) return heldOf(upper, 0, extents)
    return extents === upper.extents ? { kind: 'held', held: upper } : heldOf(upper, upper.validatedAt, extents)
  }
  /** Memory says the same as the disk from now on. */
  const agree = (upper: MemoryHeld, lower: Held, askedAt: number): MemoryLookup => {
    const { representation, validatedAt } = lower
    if (sameRecord(upper.representation, representation)) memory.refresh(representation, validatedAt)
    else memory.saveNow(representation, validatedAt)
    const current = memory.lookup(representation.key)
    if (current.kind === 'held') current.held.agreedAt = Math.max(upper.agreedAt, askedAt)
    return current
  }

  return {
    isTrusted,
    join(inMemory, onDisk, askedAt) {
      if (inMemory.kind === 'absent') return onDisk
      const upper = inMemory.held
      if (onDisk.kind === 'absent') return alone(upper, upper.extents)
      const lower = onDisk.held
      const isSame = sameRecord(upper.representation, lower.representation)
      const haveSameBytes = isSame || sameBytes(upper.representation, lower.representation)
      if (!isSame && upper.validatedAt > lower.validatedAt) {
        return alone(upper, haveSameBytes ? [...upper.extents, ...lower.extents] : upper.extents)
      }
      if (!haveSameBytes) {
        memory.supersede(lower.representation)
        return onDisk
      }
      const current = agree(upper, lower, askedAt)
      if (current.kind === 'absent') return onDisk
      if (isWhole(current.held)) return current
      return heldOf(current.held, current.held.validatedAt, [...current.held.extents, ...lower.extents])
    },
  }
}

function heldOf({ representation }: Held, validatedAt: number, extents: readonly Extent[]): Lookup {
  return { kind: 'held', held: { representation, validatedAt, extents } }
}
