import type { Score } from './score.ts'

/** The worst of what random samples have shown lately, from which the next to leave is chosen. Constant memory. */
export interface VictimPool<T> {
  /** How many new things to look at before the next choice. */
  readonly wanted: number
  readonly size: number
  has(item: T): boolean
  add(item: T, score: Score): void
  /**
   * Takes out the one with the lowest score. `current` gives scores as they are now: who has been used since it was looked at is
   * compared anew; undefined: nothing is known, what was seen stands.
   */
  take(current: (item: T) => Score | undefined): Candidate<T> | undefined
}

export interface Candidate<T> {
  readonly item: T
  readonly score: Score
}

/** Looked at before one leaves: with 16 it is, 19 times in 20, among the worst sixth of all. */
const sampleSize = 16

/** The worst of earlier samples compete with the new ones, which makes the choice far better at no cost. */
const defaultSize = 32

/** Looked at while the pool still has candidates. */
const topUpSize = 5

/** Remembers the `keep` worst; between two choices up to four times as many. */
export function createVictimPool<T>(keep = defaultSize): VictimPool<T> {
  let candidates: Candidate<T>[] = []
  const sort = (): void => {
    candidates.sort((a, b) => a.score - b.score)
  }
  const trim = (): void => {
    sort()
    candidates = candidates.slice(0, keep)
  }
  return {
    get wanted() {
      return candidates.length === 0 ? sampleSize : topUpSize
    },
    get size() {
      return candidates.length
    },
    has: (item) => candidates.some((candidate) => candidate.item === item),
    add(item, score) {
      candidates.push({ item, score })
      if (candidates.length > 4 * keep) trim()
    },
    take(current) {
      trim()
      for (;;) {
        const lowest = candidates.shift()
        if (lowest === undefined) return undefined
        const score = current(lowest.item) ?? lowest.score
        if (score <= lowest.score) return lowest
        candidates.push({ item: lowest.item, score })
        sort()
      }
    },
  }
}
