/** How fast past uses lose their weight: in proportion to how long the cache can keep what nobody asks for. */
export interface HalfLife {
  /** Milliseconds. */
  readonly ms: number
  /** Something left to make room, `unusedMs` after the moment its score stands for. */
  evicted(unusedMs: number): void
}

export interface HalfLifeOptions {
  /** Milliseconds since the epoch. */
  readonly now: () => number
  /** Shortest half-life. Default 1 s. */
  readonly minMs?: number
  /** Half-lives per time that things stay unused. Default {@link halfLivesPerStay}. */
  readonly factor?: number
}

/**
 * More is better at scans and steady popularity, less at popularity that wanders. With 4 a scan costs as little as with S3-FIFO, and
 * what wanders is followed as well as by it (docs/eviction.md has the figures from 1 to 8).
 */
const halfLivesPerStay = 4

/** Longest half-life: beyond it only popularity of months ago would tell. */
const maxMs = 30 * 24 * 60 * 60 * 1000

/** Victims the average is over. */
const window = 64

/**
 * A half-life that follows the cache: the average time for which those that left lately had not been used, and at least the
 * time since the last of them left, for so long at least things can stay.
 */
export function createHalfLife(options: HalfLifeOptions): HalfLife {
  const { now, minMs = 1000, factor = halfLivesPerStay } = options
  let stayMs = 0
  let count = 0
  let lastEviction = now()

  return {
    get ms() {
      return Math.min(Math.max(factor * Math.max(stayMs, now() - lastEviction), minMs), maxMs)
    },
    evicted(unusedMs) {
      count = Math.min(count + 1, window)
      stayMs += (Math.max(0, unusedMs) - stayMs) / count
      lastEviction = now()
    },
  }
}
