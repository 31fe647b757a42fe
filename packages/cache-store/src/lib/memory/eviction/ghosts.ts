/** Remembers, in bounded memory, what has left lately: a queue of hashes with their weights. */
export interface Ghosts {
  /** `hash` has left, and `weight` bytes with it. Whoever left first is forgotten while all together exceed `maxBytes`. */
  add(hash: number, weight: number, maxBytes: number): void
  /** Whether `hash` is remembered. It is forgotten. */
  take(hash: number): boolean
  /** Makes sure that at least `count` can be remembered. */
  reserve(count: number): void
  /** Memory taken. */
  readonly bytes: number
}

/** Slots of a bucket. Of a full bucket one is forgotten early, which is rare: there are two slots per ghost. */
const ways = 8
const minGhosts = 64
/** 40 MiB; more ghosts than that are forgotten early. */
const maxGhosts = 2 ** 21
/** A ghost that has been taken, or pushed out. */
const gone = -1
/** A slot that has never been used. */
const nowhere = 0xffffffff

export function createGhosts(): Ghosts {
  /** The queue, as a ring: place `at % capacity` for the ghost that came as number `at`. */
  let capacity = minGhosts
  let hashes = new Uint32Array(capacity)
  let weights = new Float64Array(capacity).fill(gone)
  let first = 0
  let end = 0
  let heldBytes = 0
  /** Places in the ring by hash, in buckets; one whose place holds another hash by now is free. */
  let places = new Uint32Array(capacity * 2).fill(nowhere)

  const isHeld = (place: number, hash: number): boolean =>
    place !== nowhere && hashes[place] === hash && weights[place] !== gone
  const bucketOf = (hash: number): number => (hash & (places.length / ways - 1)) * ways
  /** The slot of `hash`, or -1. */
  const find = (hash: number): number => {
    const bucket = bucketOf(hash)
    for (let slot = bucket; slot < bucket + ways; slot++) if (isHeld(places[slot] ?? 0, hash)) return slot
    return -1
  }
  /** A slot for `hash` that no ghost needs, else one whose ghost is then forgotten. */
  const freeSlot = (hash: number): number => {
    const bucket = bucketOf(hash)
    for (let slot = bucket; slot < bucket + ways; slot++) {
      const place = places[slot] ?? 0
      if (place === nowhere || weights[place] === gone || bucketOf(hashes[place] ?? 0) !== bucket) return slot
    }
    const slot = bucket + (end % ways)
    forget(places[slot] ?? 0)
    return slot
  }
  const forget = (place: number): void => {
    const weight = weights[place] ?? gone
    if (weight === gone) return
    heldBytes -= weight
    weights[place] = gone
  }
  const push = (hash: number, weight: number): void => {
    const place = end % capacity
    if (end - first === capacity) forget(first++ % capacity)
    places[freeSlot(hash)] = place
    hashes[place] = hash
    weights[place] = weight
    heldBytes += weight
    end++
  }

  return {
    add(hash, weight, maxBytes) {
      const slot = find(hash)
      if (slot !== -1) forget(places[slot] ?? 0)
      push(hash, weight)
      while (heldBytes > maxBytes && first < end) forget(first++ % capacity)
    },
    take(hash) {
      const slot = find(hash)
      if (slot === -1) return false
      forget(places[slot] ?? 0)
      return true
    },
    reserve(count) {
      let grown = capacity
      while (grown < count && grown < maxGhosts) grown *= 2
      if (grown === capacity) return
      const [oldHashes, oldWeights, oldFirst, oldEnd, oldCapacity] = [hashes, weights, first, end, capacity]
      capacity = grown
      hashes = new Uint32Array(grown)
      weights = new Float64Array(grown).fill(gone)
      places = new Uint32Array(grown * 2).fill(nowhere)
      first = 0
      end = 0
      heldBytes = 0
      for (let at = oldFirst; at < oldEnd; at++) {
        const weight = oldWeights[at % oldCapacity] ?? gone
        if (weight !== gone) push(oldHashes[at % oldCapacity] ?? 0, weight)
      }
    },
    get bytes() {
      return hashes.byteLength + weights.byteLength + places.byteLength
    },
  }
}
