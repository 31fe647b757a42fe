/** Bounds the number of requests worked on at once. */
export interface Limiter {
  /** Requests being worked on. */
  readonly inFlight: number
  /** Takes a place, or answers false: there is none, and the request is turned away. */
  enter(): boolean
  leave(): void
  /** Resolves when nobody is left; at once if nobody is there. */
  idle(): Promise<void>
}

/** A limiter with `maxConcurrent` places, all free. */
export function createLimiter(maxConcurrent: number): Limiter {
  let inFlight = 0
  let waiting: (() => void)[] = []
  return {
    get inFlight() {
      return inFlight
    },
    enter() {
      if (inFlight >= maxConcurrent) return false
      inFlight++
      return true
    },
    leave() {
      inFlight--
      if (inFlight > 0) return
      const resolved = waiting
      waiting = []
      for (const resolve of resolved) resolve()
    },
    idle: () => (inFlight === 0 ? Promise.resolve() : new Promise((resolve) => waiting.push(resolve))),
  }
}
