import { addScores, createHalfLife, createVictimPool, neverUsed, type Score } from '@s3proxy/cache-store/disk'
import type { Eviction, Ticket } from '@s3proxy/cache-store/memory'
import { createRandom } from './random.ts'
import { createSeats } from './seats.ts'

interface Seat extends Ticket<number> {
  index: number
  score: Score
}

export interface SampledOptions {
  readonly seed: number
  /** Whether uses add up; without, the last one counts alone. */
  readonly frequency: boolean
  /** Half-lives per stay; default that of the disk tier. */
  readonly factor?: number
}

/** How the disk tier chooses, by the same code: a sample of what is held, and the one worth least of it. A request is a second. */
export function createSampled({ seed, frequency, factor }: SampledOptions): Eviction<number> {
  const seats = createSeats<Seat>(createRandom(seed))
  const pool = createVictimPool<Seat>()
  let clock = 0
  const now = (): number => clock
  const halfLife = createHalfLife({ now, ...(factor === undefined ? {} : { factor }) })
  const use = (seat: Seat): void => {
    clock += 1000
    seat.score = frequency ? addScores(seat.score, clock, halfLife.ms) : clock
  }
  return {
    overheadBytes: 0,
    add(owner, _identity, weight) {
      const seat = { owner, weight, index: seats.length, score: neverUsed }
      seats.add(seat)
      use(seat)
      return seat
    },
    hit: (ticket) => use(ticket as Seat),
    remove: (ticket) => seats.leave(ticket as Seat),
    evict() {
      for (let left = pool.wanted; left > 0; left--) {
        const seat = seats.pick()
        if (seat !== undefined && !pool.has(seat)) pool.add(seat, seat.score)
      }
      for (;;) {
        const victim = pool.take((seat) => seat.score)
        if (victim === undefined) return undefined
        if (!seats.holds(victim.item)) continue
        halfLife.evicted(clock - victim.score)
        seats.leave(victim.item)
        return victim.item.owner
      }
    },
  }
}
