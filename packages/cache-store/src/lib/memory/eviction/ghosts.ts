/** Remembers, in bounded memory, what has left lately: hashes, with the moment they left on a clock of bytes. */
export interface Ghosts {
  /** `hash` has left, and `weight` bytes with it. */
  add(hash: number, weight: number): void
  /** Whether `hash` left within the last `windowBytes` bytes that left. It is forgotten. */
  take(hash: number, windowBytes: number): boolean
  /** Makes sure that about `count` are remembered. */
  reserve(count: number): void
  /** Memory taken. */
  readonly bytes: number
}

/** Slots of a bucket. Of a full bucket the one that left first is forgotten, a little early. */
const ways = 8
const slotBytes = 12
const minSlots = 64
/** 48 MiB; more ghosts than that are forgotten early. */
const maxSlots = 2 ** 22
/** Slots per ghost asked for: few buckets then overflow. */
const slack = 2

export function createGhosts(): Ghosts {
  let hashes = new Uint32Array(minSlots)
  let leftAt = new Float64Array(minSlots).fill(Number.NEGATIVE_INFINITY)
  /** Bytes that have left so far. */
  let clock = 0

  const bucketOf = (hash: number): number => (hash & (hashes.length / ways - 1)) * ways
  const put = (hash: number, at: number): void => {
    const bucket = bucketOf(hash)
    let slot = bucket
    for (let other = bucket; other < bucket + ways; other++) {
      if (hashes[other] === hash) {
        slot = other
        break
      }
      if ((leftAt[other] ?? 0) < (leftAt[slot] ?? 0)) slot = other
    }
    hashes[slot] = hash
    leftAt[slot] = at
  }

  return {
    add(hash, weight) {
      clock += weight
      put(hash, clock)
    },
    take(hash, windowBytes) {
      const bucket = bucketOf(hash)
      for (let slot = bucket; slot < bucket + ways; slot++) {
        if (hashes[slot] !== hash) continue
        const isRecent = clock - (leftAt[slot] ?? 0) <= windowBytes
        leftAt[slot] = Number.NEGATIVE_INFINITY
        return isRecent
      }
      return false
    },
    reserve(count) {
      let slots = hashes.length
      while (slots < count * slack && slots < maxSlots) slots *= 2
      if (slots === hashes.length) return
      const [oldHashes, oldLeftAt] = [hashes, leftAt]
      hashes = new Uint32Array(slots)
      leftAt = new Float64Array(slots).fill(Number.NEGATIVE_INFINITY)
      for (let slot = 0; slot < oldHashes.length; slot++) {
        const at = oldLeftAt[slot] ?? 0
        if (at !== Number.NEGATIVE_INFINITY) put(oldHashes[slot] ?? 0, at)
      }
    },
    get bytes() {
      return hashes.length * slotBytes
    },
  }
}
