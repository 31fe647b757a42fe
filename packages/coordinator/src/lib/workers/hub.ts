import { createLeaseTable } from '../leases/lease-table.ts'
import type { Invalidation } from '../peers.ts'
import { createBucketNames } from './bucket-names.ts'
import type { FromHub, ToHub } from './messages.ts'

/** Timers, injected so that tests need not wait. */
export interface HubTimers {
  setTimeout(callback: () => void, delayMs: number): unknown
  clearTimeout(timer: unknown): void
}

/** What {@link createHub} is made of. */
export interface HubOptions {
  readonly timers: HubTimers
  /**
   * A worker that has not said within this time that it has seen a round could serve what is no more: `onStuck` has to
   * end it. Default 5 s.
   */
  readonly seenTimeoutMs?: number
  /** Called for each worker that stays silent. The hub waits for it until it has left. */
  readonly onStuck: (worker: string) => void
}

/** A worker's place at the hub. */
export interface Seat {
  /** Takes a message from the worker. */
  receive(message: ToHub): void
  /** The worker's process has ended. Not before: what still runs can still serve. */
  leave(): void
}

/** Where the workers of a machine agree on what is to be forgotten, and who fetches. */
export interface Hub {
  /**
   * Adds a worker that has not yet looked at the cache; from here on it hears of everything, and first of what is not
   * over yet.
   */
  join(worker: string, send: (message: FromHub) => void): Seat
}

interface Round {
  readonly announcer: string | undefined
  readonly invalidation: Invalidation
  /** Workers that may still reach it. */
  readonly unseen: Set<string>
  /** Workers that may still bring it back to the disk. */
  readonly unsettled: Set<string>
  isClean: boolean
  isSeen: boolean
  timer: unknown
}

/** Keys remembered of rounds that did not end clean; with more than that the disk is beyond help. */
const maxUnclean = 10_000

/**
 * Passes rounds on. An announcer hears `seen-by-all` as soon as nobody can serve the old, without waiting for a disk;
 * the round ends when everybody's disk work is done. A worker that dies in a round may have left something on the disk:
 * then the others go through it once more.
 */
export function createHub({ timers, seenTimeoutMs = 5000, onStuck }: HubOptions): Hub {
  const members = new Map<string, (message: FromHub) => void>()
  const rounds = new Map<string, Round>()
  const unclean = new Set<string>()
  const buckets = createBucketNames()
  const leases = createLeaseTable((member, message) => members.get(member)?.(message))
  let repeats = 0

  const open = (name: string, announcer: string | undefined, invalidation: Invalidation): void => {
    const others = [...members.keys()].filter((member) => member !== announcer)
    const round: Round = {
      announcer,
      invalidation,
      unseen: new Set(others),
      unsettled: new Set(members.keys()),
      isClean: true,
      isSeen: false,
      timer: undefined,
    }
    rounds.set(name, round)
    leases.forget(invalidation)
    buckets.add(invalidation.buckets)
    for (const member of others) members.get(member)?.({ kind: 'forget', round: name, invalidation })
    if (others.length > 0) {
      round.timer = timers.setTimeout(() => {
        for (const member of round.unseen) onStuck(member)
      }, seenTimeoutMs)
    }
    advance(name, round)
  }

  /** Tells whoever waits how far the round is. */
  const advance = (name: string, round: Round): void => {
    if (round.unseen.size > 0) return
    if (!round.isSeen) {
      round.isSeen = true
      timers.clearTimeout(round.timer)
      if (round.announcer !== undefined) members.get(round.announcer)?.({ kind: 'seen-by-all', round: name })
    }
    if (round.unsettled.size > 0) return
    rounds.delete(name)
    for (const key of round.invalidation.keys) noteKey(key, round.isClean)
    for (const send of members.values()) send({ kind: 'end', round: name, clean: round.isClean })
  }

  const noteKey = (key: string, isClean: boolean): void => {
    unclean.delete(key)
    if (isClean) return
    unclean.add(key)
    if (unclean.size <= maxUnclean) return
    for (const oldest of unclean) {
      unclean.delete(oldest)
      break
    }
  }

  const take = (worker: string, message: ToHub): void => {
    if (message.kind === 'announce') {
      open(message.round, worker, message.invalidation)
      return
    }
    if (message.kind !== 'seen' && message.kind !== 'settled') {
      leases.take(worker, message)
      return
    }
    const round = rounds.get(message.round)
    if (round === undefined) return
    if (message.kind === 'settled') {
      round.unsettled.delete(worker)
      round.isClean &&= message.clean
    } else round.unseen.delete(worker)
    advance(message.round, round)
  }

  const leave = (worker: string): void => {
    members.delete(worker)
    leases.leave(worker)
    for (const [name, round] of [...rounds]) {
      round.unseen.delete(worker)
      const wasUnsettled = round.unsettled.delete(worker)
      if (wasUnsettled) round.isClean = false
      advance(name, round)
      if (wasUnsettled && members.size > 0) open(`again:${repeats++}`, undefined, round.invalidation)
    }
  }

  return {
    join(worker, send) {
      members.set(worker, send)
      const past = { keys: [...unclean], buckets: buckets.all() }
      if (past.keys.length + past.buckets.length > 0) {
        send({ kind: 'forget', round: `past:${worker}`, invalidation: past })
      }
      for (const [name, round] of rounds) {
        send({ kind: 'forget', round: name, invalidation: round.invalidation })
        round.unsettled.add(worker)
      }
      return { receive: (message) => take(worker, message), leave: () => leave(worker) }
    },
  }
}
