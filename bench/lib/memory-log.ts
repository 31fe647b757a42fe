import type { Contender } from './contender.ts'

/** Resident memory of a contender at a moment. */
export interface MemorySample {
  /** Milliseconds since the log began. */
  readonly atMs: number
  readonly phase: string
  readonly rssBytes: number
}

/** Writes down how much memory a contender has, over time. */
export interface MemoryLog {
  readonly samples: readonly MemorySample[]
  /** From now on samples carry this name. */
  phase(name: string): void
  /** The most in a phase; of all, without a name. */
  peakBytes(phase?: string): number
  stop(): void
}

/** Samples four times a second. */
export function startMemoryLog(contender: Contender): MemoryLog {
  const startedAt = performance.now()
  const samples: MemorySample[] = []
  let phase = 'start'
  const sample = (): void => {
    samples.push({ atMs: Math.round(performance.now() - startedAt), phase, rssBytes: contender.usage().rssBytes })
  }
  sample()
  const timer = setInterval(sample, 250)
  return {
    samples,
    phase(name) {
      phase = name
      sample()
    },
    peakBytes: (name) =>
      Math.max(0, ...samples.filter((each) => name === undefined || each.phase === name).map((each) => each.rssBytes)),
    stop: () => clearInterval(timer),
  }
}
