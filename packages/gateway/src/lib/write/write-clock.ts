/** Tells when a write was, so that nothing confirmed before it looks newer, whatever becomes of the clock. */
export interface WriteClock {
  /** Milliseconds since the epoch. Called often: what has been told before is known not to be after now. */
  now(): number
}

/** More than passes between two calls of a clock that is in use. */
const marginMs = 1000

/** While `now` is behind what it has told before, since somebody has set it back, this one is ahead of that. */
export function createWriteClock(now: () => number): WriteClock {
  let latest = Number.NEGATIVE_INFINITY
  return {
    now() {
      const at = now()
      if (at < latest) return latest + marginMs
      latest = at
      return at
    },
  }
}
