/** Looks for the value of a share that gives the most hits, by trying. */
export interface HillClimber {
  /** The share now: between the bounds. */
  readonly share: number
  /** Counts a use that found the thing held, or one that did not. `periodUses`: uses per trial; more if that shows little but chance. */
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
const decay = 0.99
/** Change of the hit ratio that counts as another workload. */
const restartAt = 0.05
/** A trial of the first step with fewer uses than this shows little but chance. */
const minPeriodUses = 8192
/** Longest trial that a small step gets. */
const maxPeriodUses = 16 * minPeriodUses

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
  let visibleUses = minPeriodUses
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
    // Chance shrinks with the root of the uses: half a step takes four times as many to show as clearly.
    visibleUses = Math.min(minPeriodUses * (stepShare / step) ** 2, maxPeriodUses)
  }

  return {
    get share() {
      return share
    },
    count(isHit, periodUses) {
      uses++
      if (isHit) hits++
      if (uses < Math.max(periodUses, visibleUses)) return
      climb()
      hits = 0
      uses = 0
    },
  }
}
