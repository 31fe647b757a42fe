/** What a timer is known by; give it to `clearTimeout`. */
export interface ManualTimer {
  readonly dueAt: number
}

/** A clock that stands still until a test moves it. Its functions need no `this`, so they can be handed out singly. */
export interface ManualClock {
  /** Milliseconds since the epoch. */
  now(): number
  /** Milliseconds since the clock was made: never goes back, whatever `set` does. */
  monotonic(): number
  setTimeout(callback: () => void, delayMs: number): ManualTimer
  setInterval(callback: () => void, periodMs: number): ManualTimer
  /** Forgets a timer or interval; harmless if it has fired or is undefined. */
  clearTimeout(timer: ManualTimer | undefined): void
  /** Resolves once the clock has moved on by `delayMs`. */
  sleep(delayMs: number): Promise<void>
  /** Moves on by `byMs`, firing what falls due in order of time, each at its own moment. */
  advance(byMs: number): void
  /** Like `advance`, but lets promises settle after each timer, so that chains of timers run through. */
  advanceAsync(byMs: number): Promise<void>
  /** Jumps to another wall-clock time without firing anything. */
  set(nowMs: number): void
  /** Timers and intervals not yet fired or cleared. */
  readonly pendingTimers: number
}

interface Entry extends ManualTimer {
  dueAt: number
  readonly order: number
  readonly periodMs: number | undefined
  readonly callback: () => void
}

/** A manual clock that starts at `startMs`. Default: 2026-01-01T00:00:00Z, a whole second, as HTTP dates need. */
export function createManualClock(startMs: number = Date.UTC(2026, 0, 1)): ManualClock {
  let elapsedMs = 0
  let offsetMs = startMs
  let order = 0
  const entries = new Set<Entry>()

  const add = (callback: () => void, delayMs: number, periodMs: number | undefined): Entry => {
    const entry = { dueAt: elapsedMs + Math.max(0, delayMs), order: order++, periodMs, callback }
    entries.add(entry)
    return entry
  }
  const nextDue = (limit: number): Entry | undefined => {
    let best: Entry | undefined
    for (const entry of entries) {
      if (entry.dueAt > limit) continue
      if (best === undefined || entry.dueAt < best.dueAt || (entry.dueAt === best.dueAt && entry.order < best.order)) {
        best = entry
      }
    }
    return best
  }
  const fire = (entry: Entry): void => {
    elapsedMs = Math.max(elapsedMs, entry.dueAt)
    if (entry.periodMs === undefined) entries.delete(entry)
    else entry.dueAt += Math.max(1, entry.periodMs)
    entry.callback()
  }
  const setTimer = (callback: () => void, delayMs: number): Entry => add(callback, delayMs, undefined)

  return {
    now: () => offsetMs + elapsedMs,
    monotonic: () => elapsedMs,
    setTimeout: setTimer,
    setInterval: (callback, periodMs) => add(callback, periodMs, periodMs),
    clearTimeout: (timer) => {
      if (timer !== undefined) entries.delete(timer as Entry)
    },
    sleep: (delayMs) => new Promise((resolve) => setTimer(resolve, delayMs)),
    advance(byMs) {
      const target = elapsedMs + byMs
      for (let entry = nextDue(target); entry !== undefined; entry = nextDue(target)) fire(entry)
      elapsedMs = target
    },
    async advanceAsync(byMs) {
      const target = elapsedMs + byMs
      await settle()
      for (let entry = nextDue(target); entry !== undefined; entry = nextDue(target)) {
        fire(entry)
        await settle()
      }
      elapsedMs = target
    },
    set(nowMs) {
      offsetMs = nowMs - elapsedMs
    },
    get pendingTimers() {
      return entries.size
    },
  }
}

/** Lets every promise that can settle without I/O do so. */
function settle(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}
