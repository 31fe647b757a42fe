/** Numbers that look random and are the same for the same seed. */
export interface Random {
  /** In `[0, 1)`. */
  next(): number
  /** A whole number from `min` to `max`, both included. */
  int(min: number, max: number): number
  chance(probability: number): boolean
  pick<const T extends readonly [unknown, ...unknown[]]>(items: T): T[number]
  /** Another sequence, which depends on this one's seed and on `label` only, not on what was drawn before. */
  fork(label: string): Random
}

/** mulberry32 (https://gist.github.com/tommyettinger/46a874533244883189143505d203312c): short, fast, good enough. */
export function createRandom(seed: number): Random {
  let state = seed >>> 0
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
  const int = (min: number, max: number): number => min + Math.floor(next() * (max - min + 1))
  return {
    next,
    int,
    chance: (probability) => next() < probability,
    pick: (items) => items[int(0, items.length - 1)] as (typeof items)[number],
    fork(label) {
      let hash = seed ^ 0x811c9dc5
      for (let i = 0; i < label.length; i++) hash = Math.imul(hash ^ label.charCodeAt(i), 0x01000193)
      return createRandom(hash)
    },
  }
}
