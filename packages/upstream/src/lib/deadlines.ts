import type { Clock } from './clock.ts'

/** Something that may be late. */
export interface Deadline {
  /** When it is late, on the clock's monotonic time; Infinity for never. Change it by {@link Deadlines.set} only. */
  dueAt: number
  /** It is late. `dueAt` is Infinity by now. */
  onLate(): void
}

/**
 * Watches many deadlines by one timer. A deadline that moves away leaves the timer alone: it then fires early, looks for
 * the next one, and sleeps again. So a connection that is used a thousand times in thirty seconds costs one timer.
 */
export interface Deadlines {
  set(deadline: Deadline, delayMs: number): void
  /** Stops watching; the timer goes with the last one. */
  delete(deadline: Deadline): void
}

/** Makes an empty set of deadlines. */
export function createDeadlines(clock: Clock): Deadlines {
  const watched = new Set<Deadline>()
  let timer: unknown
  let firesAt = Number.POSITIVE_INFINITY

  const arm = (dueAt: number, now: number): void => {
    if (timer !== undefined) clock.clearTimeout(timer)
    timer = dueAt === Number.POSITIVE_INFINITY ? undefined : clock.setTimeout(onTimer, Math.ceil(dueAt - now))
    firesAt = dueAt
  }
  const onTimer = (): void => {
    timer = undefined
    const now = clock.monotonic()
    for (const deadline of [...watched]) {
      if (deadline.dueAt > now) continue
      deadline.dueAt = Number.POSITIVE_INFINITY
      deadline.onLate()
    }
    let next = Number.POSITIVE_INFINITY
    for (const { dueAt } of watched) next = Math.min(next, dueAt)
    arm(next, now)
  }

  return {
    set(deadline, delayMs) {
      watched.add(deadline)
      const now = clock.monotonic()
      deadline.dueAt = now + delayMs
      if (deadline.dueAt < firesAt) arm(deadline.dueAt, now)
    },
    delete(deadline) {
      watched.delete(deadline)
      deadline.dueAt = Number.POSITIVE_INFINITY
      if (watched.size === 0) arm(Number.POSITIVE_INFINITY, 0)
    },
  }
}
