import type { FillPurpose } from '../cache-store.ts'
import { joinReservations } from './join-reservations.ts'
import type { Shares } from './shares.ts'
import type { Room, Space } from './space.ts'
import type { Written } from './written.ts'

/** All that a fill may be charged to. */
export interface Accounts {
  readonly shares: Pick<Shares, 'reserve'>
  readonly written: Pick<Written, 'reserve'>
  readonly space: Pick<Space, 'reserve'>
}

/** Room for a fill in everything that it is charged to, or in nothing. */
export function reserveRoom(
  { shares, written, space }: Accounts,
  key: string,
  bytes: number,
  purpose: FillPurpose,
): Room {
  const shared = shares.reserve(key, bytes)
  if (shared.kind === 'refused') return shared
  const taken = [...shared.reservations]
  const give = <T>(refusal: T): T => {
    for (const reservation of taken) reservation.release()
    return refusal
  }
  if (purpose === 'write') {
    const share = written.reserve(bytes)
    if (share.kind === 'refused') return give(share)
    taken.push(share.reservation)
  }
  const room = space.reserve(bytes)
  if (room.kind === 'refused') return give(room)
  return { kind: 'reserved', reservation: joinReservations(room.reservation, taken) }
}
