/**
 * How much a key is worth keeping, as one number that needs no upkeep: every use counts 1 when it happens and half as much with
 * each half-life that passes, and the score is the moment at which a single use would be worth as much as all of them together,
 * milliseconds since the epoch. So a key used once has the time of that use, each doubling of its uses adds a half-life, and
 * what has the lowest score is worth least, now and at any later time.
 */
export type Score = number

/** The score of what has never been used. */
export const neverUsed: Score = Number.NEGATIVE_INFINITY

/** The score of the uses behind `a` and those behind `b` together. */
export function addScores(a: Score, b: Score, halfLifeMs: number): Score {
  const high = Math.max(a, b)
  const low = Math.min(a, b)
  if (low === neverUsed) return high
  return high + halfLifeMs * Math.log2(1 + 2 ** ((low - high) / halfLifeMs))
}

/** The score of one use, or of the share `weight` of one (above 0, at most 1), at `usedAt`. */
export function scoreOfUse(usedAt: number, weight: number, halfLifeMs: number): Score {
  return usedAt + halfLifeMs * Math.log2(weight)
}
