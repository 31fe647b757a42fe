/** The policy's note of one thing it holds, given out by {@link Eviction.add}. Opaque to the tier. */
export interface Ticket<T> {
  readonly owner: T
  /** Bytes the thing takes. */
  readonly weight: number
}

/**
 * Decides which of the things held leaves next. It owns no bytes and enforces no limit: the tier asks for a victim
 * whenever it needs room. Every call is synchronous and O(1), amortised.
 *
 * The tier promises: a ticket goes back only to the policy that gave it; `add` comes after the thing is in place.
 *
 * The policy promises: each thing added comes out of `evict` once, unless it is removed first; `evict` may choose the
 * newest thing, which is how a policy with admission turns a candidate away. `hit` and `remove` of a ticket that has
 * left do nothing, since readers may outlive what they read.
 */
export interface Eviction<T> {
  /** Takes `owner` up. `identity` is the same whenever the same thing comes back (for ghosts and sketches). */
  add(owner: T, identity: string, weight: number): Ticket<T>
  /** Notes a use. Allocates nothing. */
  hit(ticket: Ticket<T>): void
  /** Forgets a thing that left for another reason. */
  remove(ticket: Ticket<T>): void
  /**
   * Chooses, forgets and returns the thing to leave next; undefined when nothing is held. `incomingBytes` is what the
   * tier has promised to things not added yet, what it makes room for now included: nobody knows their worth yet, so
   * they must not push out what has proved its own. `capacityBytes` is what the tier can take in all.
   */
  evict(incomingBytes: number, capacityBytes: number): T | undefined
  /** Bytes of memory the policy takes beside its tickets (ghosts, sketches), which the tier charges. Changes in `add`. */
  readonly overheadBytes: number
}
