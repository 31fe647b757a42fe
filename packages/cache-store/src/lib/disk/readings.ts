import type { Loaded } from './load.ts'

/** A directory being read for lookups. */
export interface Reading {
  readonly result: Promise<Loaded>
  /** This process changed the key since it began: what it reads may be the past, for everyone. */
  isSuperseded: boolean
  /** Others have stored something since it began: enough for who asked before, not for who asks now. */
  isBehind: boolean
}

/** The directories being read. */
export interface Readings {
  /** The one under way that sees all that is known to have happened; undefined if there is none. */
  current(keyHash: string): Reading | undefined
  /** Begins one; `read` is called at once. */
  begin(keyHash: string, read: () => Promise<Loaded>): Reading
  /** See {@link Reading}. */
  supersede(keyHash: string): void
  supersedeAll(): void
  /** Others have stored something of the key. Returns whether it was being read. */
  leaveBehind(keyHash: string): boolean
  /** Resolves when none is under way. */
  idle(): Promise<void>
}

export function createReadings(): Readings {
  const readings = new Map<string, Set<Reading>>()

  const end = (keyHash: string, reading: Reading): void => {
    const set = readings.get(keyHash)
    set?.delete(reading)
    if (set?.size === 0) readings.delete(keyHash)
  }
  const supersede = (keyHash: string): void => {
    for (const reading of readings.get(keyHash) ?? []) reading.isSuperseded = true
    readings.delete(keyHash)
  }

  return {
    current(keyHash) {
      for (const reading of readings.get(keyHash) ?? []) if (!reading.isBehind) return reading
      return undefined
    },
    begin(keyHash, read) {
      const result = read().finally(() => end(keyHash, reading))
      const reading: Reading = { result, isSuperseded: false, isBehind: false }
      const set = readings.get(keyHash)
      if (set === undefined) readings.set(keyHash, new Set([reading]))
      else set.add(reading)
      return reading
    },
    supersede,
    supersedeAll() {
      for (const keyHash of [...readings.keys()]) supersede(keyHash)
    },
    leaveBehind(keyHash) {
      const set = readings.get(keyHash)
      for (const reading of set ?? []) reading.isBehind = true
      return set !== undefined
    },
    async idle() {
      while (readings.size > 0) {
        await Promise.all([...readings.values()].flatMap((set) => [...set].map(({ result }) => result)))
      }
    },
  }
}
