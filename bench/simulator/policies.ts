import { createEviction } from '@s3proxy/cache-store'
import { createLru, type Eviction, type Ticket } from '@s3proxy/cache-store/memory'
import { createRandom } from './random.ts'
import { createSampled } from './sampled.ts'

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
  const random = createRandom(seed)
  const seats: Seat[] = []
  const leave = (seat: Seat): void => {
    const last = seats.at(-1)
    if (last === undefined || seats[seat.index] !== seat) return
    seats[seat.index] = last
    last.index = seat.index
    seats.pop()
  }
  return {
    overheadBytes: 0,
    add(owner, _identity, weight) {
      const seat = { owner, weight, index: seats.length }
      seats.push(seat)
      return seat
    },
    hit: () => undefined,
    remove: (ticket) => leave(ticket as Seat),
    evict() {
      const seat = seats[Math.floor(random() * seats.length)]
      if (seat !== undefined) leave(seat)
      return seat?.owner
    },
  }
}
