/** How much was done, and what it took of the processors, threads for files included. */
export interface Rate {
  readonly done: number
  readonly cpuSeconds: number
  readonly seconds: number
}

export interface RateOptions {
  readonly seconds: number
  /** Runs of `work` at a time. */
  readonly inFlight: number
  /** Resolves to how much it did. */
  readonly work: () => Promise<number>
}

/** Runs `work` over and over until the time is up, at least once. */
export async function measureRate({ seconds, inFlight, work }: RateOptions): Promise<Rate> {
  const before = process.cpuUsage()
  const begun = performance.now()
  const end = begun + seconds * 1000
  let done = 0
  const worker = async (): Promise<void> => {
    do done += await work()
    while (performance.now() < end)
  }
  await Promise.all(Array.from({ length: inFlight }, worker))
  const { user, system } = process.cpuUsage(before)
  return { done, cpuSeconds: (user + system) / 1e6, seconds: (performance.now() - begun) / 1000 }
}

export function perCpuSecond({ done, cpuSeconds }: Rate): number {
  return done / cpuSeconds
}
