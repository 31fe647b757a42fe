/** Looks for the value of a share that gives the most hits, by trying. */
export interface HillClimber {
  /** The share now: between the bounds. */
  readonly share: number
  /** Counts a use that found the thing held, or one that did not. `periodUses`: uses per trial, 8192 at least. */
  count(isHit: boolean, periodUses: number): void
}

export interface HillClimberOptions {
  readonly initial: number
  readonly minimum: number
  readonly maximum: number
}

/** First step, and step after the workload has changed. */
const stepShare = 0.0625
/** Every further step is so much smaller, until the next change. */
const decay = 0.98
/** Change of the hit ratio that counts as another workload. */
const restartAt = 0.05
/** A trial of fewer uses than this shows little but chance. */
const minPeriodUses = 8192

/**
 * Hill climbing as in "Adaptive Software Cache Management" (Einziger, Eytan, Friedman, Manes; Middleware 2018): after
 * each period the step goes on in the same direction if the hit ratio rose, else back.
 */
export function createHillClimber(options: HillClimberOptions): HillClimber {
  const { initial, minimum, maximum } = options
  let share = initial
  let step = stepShare
  let hits = 0
  let uses = 0
  let before: number | undefined

  const climb = (): void => {
    const ratio = hits / uses
    const change = ratio - (before ?? ratio)
    const move = change >= 0 ? step : -step
    // At a bound the only way is back.
    const next = Math.min(Math.max(share + move, minimum), maximum)
    const direction = next === share ? -Math.sign(move) : Math.sign(move)
    step = Math.abs(change) >= restartAt ? direction * stepShare : direction * Math.abs(move) * decay
    share = next
    before = ratio
  }

  return {
    get share() {
      return share
    },
    count(isHit, periodUses) {
      uses++
      if (isHit) hits++
      if (uses < Math.max(periodUses, minPeriodUses)) return
      climb()
      hits = 0
      uses = 0
    },
  }
}
