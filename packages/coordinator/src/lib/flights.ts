import type { ByteRange } from '@s3proxy/protocol'
import type { Joinable } from './broadcast.ts'

/** A fill under way, of one representation of a key. */
export interface Flight<R> {
  readonly representation: R
  readonly broadcast: Joinable
  /** When its bytes were asked for, milliseconds since the epoch: what it says was true then. */
  readonly askedAt: number
  /** Whether new readers may join: no write of the key came since the fill asked upstream. */
  readonly isCurrent: () => boolean
}

/** A request on its way upstream whose answer may become a flight. Settle it exactly once. */
export interface Expectation<R> {
  /** The answer is a fill: those who wait, and whoever comes until it has settled, can join if it keeps all bytes. */
  lead(flight: Flight<R>): void
  /** The answer is no fill; whoever waited goes on alone. */
  release(): void
  /** The answer is known elsewhere: `led` if there is a fill to join. */
  settle(how: Settlement): void
}

/** How an {@link Expectation} was settled. */
export type Settlement = 'led' | 'released'

/** A request that is about to fetch, as other processes see it. Release it when the answer's head has been dealt with. */
export interface Claim<R> extends Pick<Flights<R>, 'expect'> {
  /** `lead`: fetch, and `expect` what comes here, so that others can follow. `look-again`: others fetch, or have fetched, some of it. Never rejects. */
  readonly turn: Promise<'lead' | 'look-again'>
  release(): void
}

/** Who is about to fetch what. */
export interface Claimed {
  readonly bucket: string
  readonly key: string
  /** What it has not found; undefined: not known yet where. */
  readonly ranges: readonly (ByteRange | undefined)[]
  /** See {@link Flights.heard}; read before it looked. */
  readonly heard: number
}

/** The fills of this process, by cache key: who fetches, who follows. */
export interface Flights<R> {
  /** Announces that `range` of `key` (undefined: not known yet) is being asked for. */
  expect(key: string, range: ByteRange | undefined): Expectation<R>
  /**
   * A promise that resolves once the first overlapping request on its way has its answer's head: `led` if that is a fill
   * that can be joined now, `released` if not. Undefined if none is on its way.
   */
  awaited(key: string, range: ByteRange | undefined): Promise<Settlement> | undefined
  /** How often this process has learnt that others have stored something: who looks from now on sees that much. */
  readonly heard: number
  /** Asks other processes whether they fetch any of the ranges, which are expected here until then; undefined if there are none. */
  claim(claimed: Claimed): Claim<R> | undefined
  /** The fills of `key` that no write has outdated, oldest first. */
  of(key: string): readonly Flight<R>[]
  /** Resolves when every fill known now has settled. */
  idle(): Promise<void>
}

interface Pending {
  readonly range: ByteRange | undefined
  readonly settled: Promise<Settlement>
}

const none: readonly never[] = []

/** A registry with nothing in it. */
export function createFlights<R>(): Flights<R> {
  const pending = new Map<string, Set<Pending>>()
  const flying = new Map<string, Set<Flight<R>>>()

  const land = (key: string, flight: Flight<R>): void => {
    const set = flying.get(key)
    set?.delete(flight)
    if (set?.size === 0) flying.delete(key)
  }

  return {
    expect(key, range) {
      const { promise: settled, resolve } = Promise.withResolvers<Settlement>()
      const entry: Pending = { range, settled }
      add(pending, key, entry)
      const settle = (how: Settlement): void => {
        const set = pending.get(key)
        set?.delete(entry)
        if (set?.size === 0) pending.delete(key)
        resolve(how)
      }
      return {
        settle,
        release: () => settle('released'),
        lead(flight) {
          add(flying, key, flight)
          void flight.broadcast.settled.then(() => land(key, flight))
          settle(flight.broadcast.keepsAll ? 'led' : 'released')
        },
      }
    },
    awaited(key, range) {
      for (const entry of pending.get(key) ?? none) if (mayOverlap(entry.range, range)) return entry.settled
      return undefined
    },
    heard: 0,
    claim: () => undefined,
    of(key) {
      const set = flying.get(key)
      return set === undefined ? none : [...set].filter((flight) => flight.isCurrent())
    },
    async idle() {
      await Promise.all([...flying.values()].flatMap((set) => [...set].map((flight) => flight.broadcast.settled)))
    },
  }
}

function add<T>(map: Map<string, Set<T>>, key: string, value: T): void {
  const set = map.get(key)
  if (set === undefined) map.set(key, new Set([value]))
  else set.add(value)
}

function mayOverlap(a: ByteRange | undefined, b: ByteRange | undefined): boolean {
  return a === undefined || b === undefined || (a.start < b.end && b.start < a.end)
}
