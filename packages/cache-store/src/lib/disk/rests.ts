/** Waits of a loop in the background that can be cut short. */
export interface Rests {
  /** Waits, or until {@link Rests.wake} or {@link Rests.end}. */
  rest(delayMs: number): Promise<void>
  /** Ends the waits under way. */
  wake(): void
  /** Ends the waits under way, and every later one at once. */
  end(): void
}

/**
 * Waits by `pause`, and at least until whatever has happened meanwhile in the process has been seen to: a loop around it does not
 * keep everything else from running where waiting takes no time. What a wait needs goes with it: a `Promise.race` with one promise that stands for the end would keep something
 * for each of them until then.
 */
export function createRests(pause: (delayMs: number) => Promise<void>): Rests {
  const waiting = new Set<() => void>()
  let ended = false
  const wake = (): void => {
    for (const done of [...waiting]) done()
  }
  return {
    rest(delayMs) {
      if (ended) return Promise.resolve()
      return new Promise((resolve) => {
        const done = (): void => {
          waiting.delete(done)
          resolve()
        }
        waiting.add(done)
        const later = (): void => {
          setImmediate(done)
        }
        pause(delayMs).then(later, later)
      })
    },
    wake,
    end() {
      ended = true
      wake()
    },
  }
}
