import type { ByteRange } from '@s3proxy/protocol'
import type { Invalidation } from '../peers.ts'
import { createLandings } from './landings.ts'
import type { FlightNotice, Turn } from './lease.ts'
import type { FromTable, ToTable } from './lease-messages.ts'

interface Claim {
  readonly name: string
  readonly worker: string
  readonly ranges: readonly (ByteRange | undefined)[]
  readonly known: ReadonlySet<string>
  isLeading: boolean
}

interface Flying {
  readonly notice: FlightNotice<unknown>
  readonly worker: string
  readonly followers: Set<string>
  /** A write came after it began: nobody new may follow. */
  isOutdated: boolean
}

interface Entry {
  readonly bucket: string
  readonly claims: Map<string, Claim>
  readonly flights: Map<string, Flying>
}

/** The claims and fills of all workers. Claims wait for claims that lead; those that wait hold nothing, so nothing locks up. */
export interface LeaseTable {
  take(worker: string, message: ToTable): void
  /** The worker has gone: what it led is up for grabs. */
  leave(worker: string): void
  /** A write: who asked before may have the old. */
  forget(invalidation: Invalidation): void
}

/** A table with nothing in it; `send` tells a worker. */
export function createLeaseTable(send: (worker: string, message: FromTable) => void): LeaseTable {
  const entries = new Map<string, Entry>()
  const keyOfClaim = new Map<string, string>()
  const keyOfFlight = new Map<string, string>()
  const landed = createLandings()
  /** Fills that have landed and are still read. */
  const followed = new Map<string, { readonly worker: string; readonly followers: Set<string> }>()

  const entryOf = (key: string, bucket: string): Entry => {
    const known = entries.get(key)
    if (known !== undefined) return known
    const entry: Entry = { bucket, claims: new Map(), flights: new Map() }
    entries.set(key, entry)
    return entry
  }
  const tidy = (key: string): void => {
    const entry = entries.get(key)
    if (entry !== undefined && entry.claims.size + entry.flights.size === 0) entries.delete(key)
  }

  /** Undefined: it has to wait. */
  const decide = (key: string, entry: Entry, claim: Claim): Turn<unknown> | undefined => {
    const flights = [...entry.flights.values()].filter(
      ({ worker, notice, isOutdated }) =>
        worker !== claim.worker &&
        !isOutdated &&
        !claim.known.has(notice.flight) &&
        overlap(claim.ranges, [notice.range]),
    )
    if (flights.length > 0) {
      for (const { followers } of flights) followers.add(claim.worker)
      return { kind: 'follow', flights: flights.map(({ notice }) => notice) }
    }
    const isTaken = [...entry.claims.values()].some(
      (other) => other.isLeading && other.worker !== claim.worker && overlap(other.ranges, claim.ranges),
    )
    return isTaken ? undefined : { kind: 'lead', landed: landed.ofOthers(key, claim.worker) }
  }
  const drop = (entry: Entry, claim: Claim): void => {
    entry.claims.delete(claim.name)
    keyOfClaim.delete(claim.name)
  }
  /** Decides what waits, all of it before any of it counts: a claim that came to nothing must not make a queue. */
  const decideWaiting = (key: string, entry: Entry): void => {
    const waiting = [...entry.claims.values()].filter((claim) => !claim.isLeading)
    const decided = waiting.map((claim) => [claim, decide(key, entry, claim)] as const)
    for (const [claim, turn] of decided) if (turn !== undefined) tell(entry, claim, turn)
  }
  const tell = (entry: Entry, claim: Claim, turn: Turn<unknown>): void => {
    if (turn.kind === 'lead') claim.isLeading = true
    else drop(entry, claim)
    send(claim.worker, { kind: 'turn', claim: claim.name, turn })
  }

  const claim = (worker: string, { claim: name, wanted }: ToTable & { readonly kind: 'claim' }): void => {
    const entry = entryOf(wanted.key, wanted.bucket)
    const made: Claim = { name, worker, ranges: wanted.ranges, known: new Set(wanted.known), isLeading: false }
    entry.claims.set(name, made)
    keyOfClaim.set(name, wanted.key)
    const turn = decide(wanted.key, entry, made)
    if (turn === undefined) send(worker, { kind: 'wait', claim: name })
    else tell(entry, made, turn)
    tidy(wanted.key)
  }
  const led = (worker: string, { claim: name, notice }: ToTable & { readonly kind: 'led' }): void => {
    const key = keyOfClaim.get(name)
    const entry = key === undefined ? undefined : entries.get(key)
    if (key === undefined || entry === undefined) return
    entry.flights.set(notice.flight, { notice, worker, followers: new Set(), isOutdated: false })
    keyOfFlight.set(notice.flight, key)
    decideWaiting(key, entry)
  }
  const release = (name: string): void => {
    const key = keyOfClaim.get(name)
    const entry = key === undefined ? undefined : entries.get(key)
    const released = entry?.claims.get(name)
    if (key === undefined || entry === undefined || released === undefined) return
    drop(entry, released)
    decideWaiting(key, entry)
    tidy(key)
  }
  const land = (flight: string): void => {
    const key = keyOfFlight.get(flight)
    const entry = key === undefined ? undefined : entries.get(key)
    const flying = entry?.flights.get(flight)
    if (key === undefined || entry === undefined || flying === undefined) return
    keyOfFlight.delete(flight)
    entry.flights.delete(flight)
    landed.count(key, flying.worker)
    followed.set(flight, flying)
    for (const follower of flying.followers) send(follower, { kind: 'landed', flight })
    leaveFlight(flight)
    tidy(key)
  }
  const leaveFlight = (flight: string, worker?: string): void => {
    const flying = followed.get(flight)
    if (flying === undefined) return
    if (worker !== undefined) flying.followers.delete(worker)
    if (flying.followers.size > 0) return
    followed.delete(flight)
    send(flying.worker, { kind: 'unfollowed', flight })
  }
  const outdate = (key: string, entry: Entry): void => {
    for (const flying of entry.flights.values()) flying.isOutdated = true
    for (const each of [...entry.claims.values()]) if (each.isLeading) drop(entry, each)
    decideWaiting(key, entry)
    tidy(key)
  }

  return {
    take(worker, message) {
      switch (message.kind) {
        case 'claim':
          claim(worker, message)
          return
        case 'led':
          led(worker, message)
          return
        case 'release':
          release(message.claim)
          return
        case 'landed':
          if (keyOfFlight.has(message.flight)) land(message.flight)
          else send(worker, { kind: 'unfollowed', flight: message.flight })
          return
        case 'left':
          leaveFlight(message.flight, worker)
          return
      }
    },
    leave(worker) {
      for (const { followers } of [...entries.values()].flatMap(({ flights }) => [...flights.values()])) {
        followers.delete(worker)
      }
      for (const flight of [...followed.keys()]) leaveFlight(flight, worker)
      for (const entry of [...entries.values()]) {
        for (const { notice, worker: owner } of [...entry.flights.values()]) if (owner === worker) land(notice.flight)
        for (const each of [...entry.claims.values()]) if (each.worker === worker) release(each.name)
      }
    },
    forget({ keys, buckets }) {
      for (const key of keys) {
        const entry = entries.get(key)
        if (entry !== undefined) outdate(key, entry)
      }
      if (buckets.length === 0) return
      for (const [key, entry] of [...entries]) if (buckets.includes(entry.bucket)) outdate(key, entry)
    },
  }
}

function overlap(some: readonly (ByteRange | undefined)[], others: readonly (ByteRange | undefined)[]): boolean {
  return some.some((a) =>
    others.some((b) => a === undefined || b === undefined || (a.start < b.end && b.start < a.end)),
  )
}
