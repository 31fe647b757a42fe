/** A place among {@link Seats}; `index` is theirs. */
export interface Seat {
  index: number
}

/** What is held, in no order, so that any of it can be picked by chance. */
export interface Seats<T extends Seat> {
  /** Where the next one sits. */
  readonly length: number
  add(seat: T): T
  holds(seat: T): boolean
  /** Does nothing if it has left already. */
  leave(seat: T): void
  /** Undefined if there are none. */
  pick(): T | undefined
}

/** `random` from 0 to 1, 1 excluded. */
export function createSeats<T extends Seat>(random: () => number): Seats<T> {
  const seats: T[] = []
  const holds = (seat: T): boolean => seats[seat.index] === seat
  return {
    get length() {
      return seats.length
    },
    add(seat) {
      seats.push(seat)
      return seat
    },
    holds,
    leave(seat) {
      const last = seats.at(-1)
      if (last === undefined || !holds(seat)) return
      seats[seat.index] = last
      last.index = seat.index
      seats.pop()
    },
    pick: () => seats[Math.floor(random() * seats.length)],
  }
}
