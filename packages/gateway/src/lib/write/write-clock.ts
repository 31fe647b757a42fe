/** Tells when a write was, so that nothing confirmed before it looks newer, whatever becomes of the clock. */
export interface WriteClock {
  /** Milliseconds since the epoch. Not before what it has told or seen. */
  now(): number
  /** It was that time when something was looked at: no write from now on is before it. */
  saw(at: number): void
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
    saw(at) {
      if (at > latest) latest = at
    },
  }
}
