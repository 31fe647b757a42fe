/** What is said of repeated trouble: the first time at once, then at most once in a while with the number left out. */
export interface Throttle {
  /** Calls `say` with the number of times `what` was left unsaid, or leaves it. */
  offer(what: string, say: (leftOut: number) => void): void
}

/** Kinds of trouble remembered one by one. */
const maxKinds = 256

/** A throttle that says each kind of trouble at most once in `periodMs`. */
export function createThrottle(periodMs: number, now: () => number): Throttle {
  const said = new Map<string, { at: number; leftOut: number }>()
  return {
    offer(what, say) {
      const last = said.get(what)
      if (last !== undefined && now() - last.at < periodMs) {
        last.leftOut++
        return
      }
      if (last === undefined && said.size >= maxKinds) said.clear()
      said.set(what, { at: now(), leftOut: 0 })
      say(last?.leftOut ?? 0)
    },
  }
}
