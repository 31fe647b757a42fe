import { createEviction } from '@s3proxy/cache-store'
import { createLru, type Eviction, type Ticket } from '@s3proxy/cache-store/memory'
import { createRandom } from './random.ts'
import { createSampled } from './sampled.ts'
import { createSeats } from './seats.ts'

/** The policies by name: those of the memory tier, that of the disk tier and the one it had before, and two that anybody can beat. */
export const policies: Readonly<Record<string, (seed: number) => Eviction<number>>> = {
  's3-fifo': () => createEviction('s3-fifo'),
  tinylfu: () => createEviction('tinylfu'),
  lru: () => createEviction('lru'),
  'sampled-frequency': (seed) => createSampled({ seed, frequency: true }),
  'sampled-lru': (seed) => createSampled({ seed, frequency: false }),
  fifo: () => ({ ...createLru<number>(), hit: () => undefined }),
  random: createRandomEviction,
}

interface Seat extends Ticket<number> {
  index: number
}

/** Anything leaves. */
function createRandomEviction(seed: number): Eviction<number> {
  const seats = createSeats<Seat>(createRandom(seed))
  return {
    overheadBytes: 0,
    add(owner, _identity, weight) {
      return seats.add({ owner, weight, index: seats.length })
    },
    hit: () => undefined,
    remove: (ticket) => seats.leave(ticket as Seat),
    evict() {
      const seat = seats.pick()
      if (seat !== undefined) seats.leave(seat)
      return seat?.owner
    },
  }
}
