/** Time and timers, injected so that tests need not wait. */
export interface Clock {
  /** Milliseconds that never go back, from an arbitrary start. */
  monotonic(): number
  /** Calls `callback` once, `delayMs` from now; the value returned names the timer. */
  setTimeout(callback: () => void, delayMs: number): unknown
  /** Forgets a timer; harmless if it has fired. */
  clearTimeout(timer: unknown): void
}

/** The machine's own clock. */
export const systemClock: Clock = {
  monotonic: () => performance.now(),
  setTimeout: (callback, delayMs) => setTimeout(callback, delayMs),
  clearTimeout: (timer) => clearTimeout(timer as NodeJS.Timeout),
}
