/** How long to wait before a worker is started again. */
export interface BackOff {
  /** The worker has ended after `livedMs`. Gives the pause, milliseconds. */
  next(livedMs: number): number
}

const firstMs = 100
const longestMs = 30_000
/** A worker that lived so long had no trouble starting. */
const soundMs = 60_000

/** Pauses that double from a tenth of a second to half a minute, each shortened by up to a half at random. */
export function createBackOff(random: () => number): BackOff {
  let failures = 0
  return {
    next(livedMs) {
      failures = livedMs >= soundMs ? 0 : failures + 1
      const fullMs = Math.min(longestMs, firstMs * 2 ** Math.max(0, failures - 1))
      return Math.round(fullMs * (1 - random() / 2))
    },
  }
}
