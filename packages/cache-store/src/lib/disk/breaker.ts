/** Keeps a failing disk out of the way: after repeated failures nothing is tried for a while, then one thing at a time. */
export interface Breaker {
  /** Whether to try now. While broken it says yes once per pause, as a probe. */
  allows(): boolean
  succeeded(): void
  failed(): void
}

export interface BreakerOptions {
  /** Milliseconds since the epoch. */
  readonly now: () => number
  /** Failures in a row before it opens. Default 3. */
  readonly threshold?: number
  /** First pause; each further failure doubles it. Default 1 s. */
  readonly minPauseMs?: number
  /** Longest pause. Default 60 s. */
  readonly maxPauseMs?: number
}

export function createBreaker(options: BreakerOptions): Breaker {
  const { now, threshold = 3, minPauseMs = 1000, maxPauseMs = 60_000 } = options
  let failures = 0
  let retryAt = 0
  return {
    allows() {
      if (failures < threshold) return true
      if (now() < retryAt) return false
      retryAt = now() + minPauseMs
      return true
    },
    succeeded() {
      failures = 0
    },
    failed() {
      failures++
      if (failures < threshold) return
      retryAt = now() + Math.min(maxPauseMs, minPauseMs * 2 ** Math.min(failures - threshold, 30))
    },
  }
}
