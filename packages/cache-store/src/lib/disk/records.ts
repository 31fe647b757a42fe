import type { Representation } from '../cache-store.ts'
import { sameRecord, sameState } from '../representation.ts'
import type { Catalog } from './catalog.ts'
import { maxRecordCharge } from './charge.ts'
import type { Publisher } from './publisher.ts'
import type { Space } from './space.ts'
import type { Times } from './times.ts'
import type { VolumeFloor } from './volume-floor.ts'

/** What {@link createRecords} is made of. */
export interface RecordsOptions {
  readonly catalog: Pick<Catalog, 'current' | 'isHidden' | 'peek' | 'set'>
  readonly times: Pick<Times, 'confirmed'>
  readonly space: Pick<Space, 'reserve'>
  readonly floor: Pick<VolumeFloor, 'admits'>
  readonly publish: Publisher
  readonly onSaved: () => void
}

/** What the origin says of objects without their bytes, in the key's serial section. */
export interface Records {
  /** Asks the guard and, if the record is as it should be, only notes the confirmation. Resolves to whether it is saved. */
  save(keyHash: string, representation: Representation, validatedAt: number, guard: () => boolean): Promise<boolean>
  /** Notes that the origin confirmed `representation`, if that is what is current. */
  confirm(keyHash: string, representation: Representation, validatedAt: number): Promise<void>
}

export function createRecords({ catalog, times, space, floor, publish, onSaved }: RecordsOptions): Records {
  return {
    async save(keyHash, representation, validatedAt, guard) {
      const { entry: previous, hasNews } = await catalog.current(keyHash)
      if (previous !== undefined && sameRecord(previous.representation, representation)) {
        if (catalog.isHidden(keyHash) || !guard()) return false
        if (catalog.peek(keyHash) !== previous && !hasNews()) catalog.set(previous)
        times.confirmed(previous, validatedAt)
        return true
      }
      const embedded = previous?.extents.some((extent) => extent.name === undefined) === true
      const room = space.reserve(maxRecordCharge(representation) + (embedded ? representation.size : 0))
      if (room.kind === 'refused') return false
      try {
        if (!floor.admits() || !(await room.reservation.granted)) return false
        const bytes = { kind: 'none' } as const
        const { reservation } = room
        const change = { keyHash, representation, validatedAt, guard, previous, hasNews, bytes, reservation }
        const entry = await publish(change)
        if (entry !== undefined) onSaved()
        return entry !== undefined
      } finally {
        room.reservation.release()
      }
    },
    async confirm(keyHash, representation, validatedAt) {
      const { entry, hasNews } = await catalog.current(keyHash)
      if (entry?.representation.key !== representation.key || !sameState(entry.representation, representation)) return
      if (catalog.isHidden(keyHash)) return
      if (catalog.peek(keyHash) !== entry && !hasNews()) catalog.set(entry)
      times.confirmed(entry, validatedAt)
    },
  }
}
