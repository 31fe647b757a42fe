/** Counts what others have done to keys, so that whoever reads of one learns whether that is the past already. */
export interface KeyNews {
  /** Others have changed something of the key. */
  note(keyHash: string): void
  /** The same until the next {@link KeyNews.note} of the key. */
  count(keyHash: string): number
}

/** Keys share counters: a collision only has a directory read once more. */
const digits = 3

export function createKeyNews(): KeyNews {
  const counts = new Uint32Array(16 ** digits)
  const slotOf = (keyHash: string): number => Number.parseInt(keyHash.slice(0, digits), 16)
  return {
    note(keyHash) {
      const slot = slotOf(keyHash)
      counts[slot] = (counts[slot] ?? 0) + 1
    },
    count: (keyHash) => counts[slotOf(keyHash)] ?? 0,
  }
}
