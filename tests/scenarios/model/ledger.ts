import type { RawHeaders } from '@s3proxy/protocol'
import type { Entry } from './history.ts'
import type { ModelRequest } from './requests.ts'

/** What the store decided to answer to one exchange. */
export interface Decision {
  readonly status: number
  /** What the key was at that moment. */
  readonly entry: Entry
  /** The fields that arrived. */
  readonly sent: RawHeaders
}

/** All that happened in the store for one request of a client; the proxy may ask more than once for it. */
export interface Track {
  readonly request: ModelRequest
  exchanges: number
  readonly decisions: Decision[]
  /** Lies the store told in answer to it. */
  readonly lies: Set<string>
  /** What its write made current. */
  readonly applied: Entry[]
  /** Whether that was before the store ended the exchange, so that its answer speaks of it. */
  appliedInTime: boolean
  /** The version that it deleted for good. */
  deletedVersion: number | undefined
}

/** Something that may break answers about a key. */
export interface Trouble {
  readonly fromTick: number
  /** When the exchange was over; infinite while it is not. */
  toTick: number
}

/** What the store remembers of the requests of an episode. */
export interface Ledger {
  open(request: ModelRequest): Track
  find(id: string): Track | undefined
  /** Notes trouble of `key`; the returned function ends it. */
  trouble(key: number, tick: number): Trouble
  troubles(key: number): readonly Trouble[]
  /** Versions whose deletion was answered. */
  readonly gone: Set<number>
  /** What must never be, seen by the store. */
  readonly complaints: string[]
}

/** A ledger without entries. */
export function createLedger(): Ledger {
  const tracks = new Map<string, Track>()
  const troubles = new Map<number, Trouble[]>()
  return {
    complaints: [],
    gone: new Set(),
    open(request) {
      const track: Track = {
        request,
        exchanges: 0,
        decisions: [],
        lies: new Set(),
        applied: [],
        appliedInTime: false,
        deletedVersion: undefined,
      }
      tracks.set(request.id, track)
      return track
    },
    find: (id) => tracks.get(id),
    trouble(key, fromTick) {
      const trouble = { fromTick, toTick: Infinity }
      troubles.set(key, [...(troubles.get(key) ?? []), trouble])
      return trouble
    },
    troubles: (key) => troubles.get(key) ?? [],
  }
}
