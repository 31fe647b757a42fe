import type { ShareReservation } from './share-account.ts'
import type { Reservation } from './space.ts'

/** One reservation for several: granted when all are, released together. What else `main` can do stays. */
export function joinReservations(main: Reservation, others: readonly ShareReservation[]): Reservation {
  if (others.length === 0) return main
  const all = [main, ...others]
  return {
    ...main,
    granted: all.every(({ granted }) => granted === true)
      ? true
      : Promise.all(all.map(({ granted }) => granted)).then((answers) => answers.every((granted) => granted)),
    release() {
      for (const reservation of all) reservation.release()
    },
  }
}
