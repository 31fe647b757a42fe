import type { Random } from './random.ts'

/**
 * Where everything in an episode waits that may take its time: the store before and within its answers, slow clients,
 * the cache. The driver lets them through one at a time in random order, so that time is nothing but this order.
 */
export interface Turnstile {
  /** Waits to be let through. */
  hold(): Promise<void>
  /** How many wait. */
  readonly waiting: number
  /** Lets somebody through who waits, if there is anybody. */
  release(random: Random): void
  /** Lets through all who wait and all who come. */
  open(): void
}

/** A turnstile at which nobody waits. */
export function createTurnstile(): Turnstile {
  const waiting: (() => void)[] = []
  let isOpen = false
  return {
    hold: () => (isOpen ? Promise.resolve() : new Promise((resolve) => waiting.push(resolve))),
    get waiting() {
      return waiting.length
    },
    release(random) {
      const [resume] = waiting.splice(random.int(0, Math.max(0, waiting.length - 1)), 1)
      resume?.()
    },
    open() {
      isOpen = true
      for (const resume of waiting.splice(0)) resume()
    },
  }
}
