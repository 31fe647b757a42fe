import { spreadOf } from '../lib/statistics.ts'

/** What became of a figure of which more is better. */
export interface Change {
  /** Median of after/before over the rounds, and the span. */
  readonly ratio: number
  readonly from: number
  readonly to: number
  /** `unsure`: fewer rounds than that takes. */
  readonly verdict: 'faster' | 'slower' | 'same' | 'unsure'
}

/** With fewer rounds, noise alone would often look like a change. */
const leastRounds = 6

/** Smaller differences are not worth a word, even if they are no noise. */
const least = 0.03

/**
 * Compares pairs of measurements made one right after the other. It is a change if every one of at least six rounds says
 * so: chance alone brings that about in one comparison of 32 (the sign test). Pure.
 */
export function changeOf(pairs: readonly { readonly before: number; readonly after: number }[]): Change {
  const { median, min, max } = spreadOf(pairs.map(({ before, after }) => after / before))
  if (pairs.length < leastRounds) return { ratio: median, from: min, to: max, verdict: 'unsure' }
  const verdict = min > 1 && median >= 1 + least ? 'faster' : max < 1 && median <= 1 - least ? 'slower' : 'same'
  return { ratio: median, from: min, to: max, verdict }
}
