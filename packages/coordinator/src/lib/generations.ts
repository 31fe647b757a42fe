/**
 * A reading of the write counters of one key and its bucket, taken before a fill asks upstream and compared before the
 * fill is stored: if a write came in between, the fill may hold what the write replaced.
 */
export interface Generation {
  readonly keySlot: number
  readonly keyCount: number
  readonly bucketSlot: number
  readonly bucketCount: number
}

/** Counts the writes to keys and buckets that passed through this process. */
export interface Generations {
  /** The counters of `key` in `bucket` (canonical names, as in the cache key) as they stand now. */
  observe(bucket: string, key: string): Generation
  /** Whether no write to the key or its whole bucket was noted since `generation` was observed. */
  isCurrent(generation: Generation): boolean
  /** Notes a write to one key. Call when it is forwarded and again when its outcome is known, whatever it is. */
  bumpKey(key: string): void
  /** Notes a write that may concern any key of `bucket`. */
  bumpBucket(bucket: string): void
  /** Notes a write that may concern any key of any bucket. */
  bumpAll(): void
}

/** How the counters are kept. */
export interface GenerationsOptions {
  /**
   * Number of counters, a power of two; default 65,536 (512 KiB). Keys share counters by hash: constant memory, and a
   * collision only makes a fill be thrown away that could have been kept.
   */
  readonly slots?: number
}

/** Counters that start at zero. */
export function createGenerations(options: GenerationsOptions = {}): Generations {
  const slots = options.slots ?? 65_536
  if (slots < 2 || (slots & (slots - 1)) !== 0) throw new RangeError('slots must be a power of two')
  const mask = slots - 1
  const counts = new Float64Array(slots)
  const count = (slot: number): number => counts[slot] as number
  return {
    observe(bucket, key) {
      const keySlot = hash(key, 0) & mask
      const bucketSlot = hash(bucket, 1) & mask
      return { keySlot, keyCount: count(keySlot), bucketSlot, bucketCount: count(bucketSlot) }
    },
    isCurrent: (seen) => count(seen.keySlot) === seen.keyCount && count(seen.bucketSlot) === seen.bucketCount,
    bumpKey(key) {
      const slot = hash(key, 0) & mask
      counts[slot] = count(slot) + 1
    },
    bumpBucket(bucket) {
      const slot = hash(bucket, 1) & mask
      counts[slot] = count(slot) + 1
    },
    bumpAll() {
      for (let slot = 0; slot < slots; slot++) counts[slot] = count(slot) + 1
    },
  }
}

/** FNV-1a over UTF-16 units (http://www.isthe.com/chongo/tech/comp/fnv/); `seed` keeps keys and buckets apart. */
function hash(text: string, seed: number): number {
  let value = 0x811c9dc5 ^ seed
  for (let i = 0; i < text.length; i++) value = Math.imul(value ^ text.charCodeAt(i), 0x01000193)
  return value >>> 0
}
