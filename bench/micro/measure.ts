/** One measured function. */
export interface Measured {
  readonly name: string
  /** Nanoseconds per call: the median of the rounds, and the span from the fastest to the slowest. */
  readonly medianNs: number
  readonly minNs: number
  readonly maxNs: number
}

const rounds = 9
const roundMs = 60

/** Keeps results alive, so that no call is optimised away. */
let sink: unknown

/** Calls `work` in rounds of equal length after a warm-up. */
export function measure(name: string, work: () => unknown): Measured {
  const calls = calibrate(work)
  const times: number[] = []
  for (let round = 0; round < rounds; round++) {
    const startedAt = process.hrtime.bigint()
    for (let i = 0; i < calls; i++) sink = work()
    times.push(Number(process.hrtime.bigint() - startedAt) / calls)
  }
  times.sort((a, b) => a - b)
  return { name, medianNs: times[rounds >> 1] ?? 0, minNs: times[0] ?? 0, maxNs: times.at(-1) ?? 0 }
}

/** How many calls fill a round. */
function calibrate(work: () => unknown): number {
  let calls = 0
  const endAt = performance.now() + roundMs
  while (performance.now() < endAt) {
    for (let i = 0; i < 64; i++) sink = work()
    calls += 64
  }
  return calls
}

/** The last result of any measured function. */
export function lastResult(): unknown {
  return sink
}
