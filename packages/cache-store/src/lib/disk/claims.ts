import { storeError } from '../store-error.ts'
import { type Ledger, type LedgerState, totalBytes, withClaim } from './ledger.ts'
import { netOf } from './report.ts'
import type { Neighbour, Reports } from './reports.ts'
import { createRests } from './rests.ts'
import type { Space } from './space.ts'

/**
 * This instance's part in the shared account: joins it, claims bytes ahead of what fills reserve, gives back what is
 * not needed, gives signs of life, and takes over what dead instances had claimed.
 */
export interface Claims {
  /** Whether what has been claimed still stands: after a long silence the others may have taken it over. */
  isCurrent(): boolean
  /** Whether nothing can be written for now: what has been claimed does not stand, and looking again has failed. */
  isStuck(): boolean
  /** Becomes one of the instances. Rejects if the file system fails. */
  join(): Promise<void>
  start(): void
  /** More is wanted: ends a pause. */
  nudge(): void
  /** Resolves if what has been claimed stands, after finding out if need be; rejects with a store error otherwise. */
  confirm(): Promise<void>
  /** The state as last seen, with what the others have told. */
  view(): View
  /** Whether there are other instances, or may be, at that time (milliseconds since the epoch, now). */
  isShared(at: number): boolean
  /** Whether this instance is the one to count the directory. */
  isCounter(): boolean
  /** Whether a temporary file belongs to an instance whose claim covers it. */
  accountsFor(temporaryName: string): boolean
  /** Replaces the base by a count, unless an instance has joined or gone since `changes`. */
  settle(baseBytes: number, changes: number): Promise<void>
  /** Gives back what is not in use. */
  stop(): Promise<void>
}

export interface View {
  readonly state: LedgerState
  /** The other instances in the ledger. */
  readonly neighbours: ReadonlyMap<string, Neighbour>
  /** Grows with every look. */
  readonly looks: number
}

export interface ClaimsOptions {
  readonly ledger: Ledger
  readonly reports: Reports
  /** This instance's name. */
  readonly life: string
  readonly space: Space
  readonly maxBytes: number
  /** Milliseconds since the epoch. */
  readonly now: () => number
  /** Waits. */
  readonly pause: (delayMs: number) => Promise<void>
  /** Keys have been removed from outside: what is remembered of the directory may be the past. */
  readonly onPurged: () => void
  readonly onError: (error: unknown) => void
}

/** Time between two looks at the shared account. */
export const tickMs = 1000

/** The same for an instance that is alone: it trusts its memory of the directory until it knows of others. */
export const aloneTickMs = 400

/** Age of the last look from which an instance does not take itself for alone any more. */
const maxBlindMs = 1000

/** Age from which this instance no longer relies on its claim without a look. */
const currentMs = 30_000

/** Silence after which an instance counts as dead. Well above the former: by then it does not write any more. */
export const maxSilenceMs = 120_000

/** What can be handed out of a bound of `maxBytes` with `instances` at work. */
export function roomOf(maxBytes: number, instances: number): number {
  return maxBytes - sharedBytes - sharedBytesPerInstance * instances
}

/** Room for the ledger, the directories above the keys', and temporaries' names. */
const sharedBytes = 96 * 1024

/** Room for an instance's report and its new states of the ledger. */
const sharedBytesPerInstance = 16 * 1024

export function createClaims(options: ClaimsOptions): Claims {
  const { ledger, reports, life, space, maxBytes, now, pause, onPurged, onError } = options
  let view: View | undefined
  let sequence = 0
  let isJoined = false
  let renewedAt = Number.NEGATIVE_INFINITY
  let looking: Promise<void> | undefined
  let isWanted = false
  let isStuck = false
  const rests = createRests(pause)
  let running: Promise<void> | undefined
  let stopped = false

  const isShared = (at: number): boolean =>
    !isJoined || Math.abs(at - renewedAt) >= maxBlindMs || view === undefined || view.state.claims.size > 1
  const isSilent = (neighbour: Neighbour | undefined): boolean =>
    neighbour !== undefined && now() - neighbour.heardAt >= maxSilenceMs
  const isRecent = (): boolean => isJoined && Math.abs(now() - renewedAt) < currentMs
  const unclaimed = (state: LedgerState): number => roomOf(maxBytes, state.claims.size) - totalBytes(state)
  const withOwn = (state: LedgerState, bytes: number): LedgerState =>
    withClaim(state, life, { bytes, sequence: ++sequence })
  const fold = (state: LedgerState, neighbours: ReadonlyMap<string, Neighbour>): LedgerState => {
    let next = state
    for (const [name, claim] of state.claims) {
      if (name === life || !isSilent(neighbours.get(name))) continue
      const changes = next.changes + 1
      next = { ...withClaim(next, name, undefined), baseBytes: next.baseBytes + claim.bytes, changes }
    }
    return next
  }
  const observe = (state: LedgerState, heard: ReadonlyMap<string, Neighbour>): void => {
    const neighbours = new Map([...heard].filter(([name]) => state.claims.has(name)))
    let elsewhereBytes = state.baseBytes
    let reservedBytes = 0
    for (const [name, claim] of state.claims) {
      if (name === life) continue
      const report = neighbours.get(name)?.report
      elsewhereBytes += report === undefined ? claim.bytes : netOf(report)
      reservedBytes += report?.reservedBytes ?? 0
    }
    const { counted } = state
    view = { state, neighbours, looks: (view?.looks ?? 0) + 1 }
    space.observe({
      instances: Math.max(1, state.claims.size),
      unclaimedBytes: unclaimed(state),
      elsewhereBytes,
      reservedBytes,
      counted,
    })
  }

  const enter = async (): Promise<void> => {
    space.reset()
    // First: who is in the ledger without a report cannot be told from one that has just come.
    await reports.tell()
    const state = await ledger.update((before) => withOwn({ ...before, changes: before.changes + 1 }, 0))
    isJoined = true
    renewedAt = now()
    observe(state, new Map())
  }
  /** One look: signs of life, then whatever is to be claimed or given back in one step. */
  const look = async (): Promise<void> => {
    if (!isJoined) await enter()
    const startedAt = now()
    const mustWrite = !isRecent()
    await reports.tell()
    const names = [...(view?.state.claims.keys() ?? [])].filter((name) => name !== life)
    const neighbours = await reports.listen(names)
    const surplus = space.yield()
    const state = await ledger.update((before) => {
      const own = before.claims.get(life)
      if (own === undefined) return undefined
      const folded = fold(before, neighbours)
      const claimed = surplus > 0 ? 0 : space.wanted(unclaimed(folded))
      if (folded === before && claimed === 0 && surplus === 0 && !mustWrite) return undefined
      return withOwn(folded, own.bytes + claimed - surplus)
    })
    const own = state.claims.get(life)
    isJoined = own !== undefined
    if (own === undefined) throw storeError('no-space', 'the others have taken this instance for dead')
    renewedAt = startedAt
    space.claim(own.bytes)
    observe(state, neighbours)
    if (await reports.hearOfPurges()) onPurged()
  }
  const lookOnce = (): Promise<void> => {
    looking ??= look().finally(() => {
      looking = undefined
    })
    return looking
  }
  const tick = async (): Promise<void> => {
    isWanted = false
    try {
      await lookOnce()
      isStuck = false
    } catch (error) {
      isStuck = true
      onError(error)
      // Nobody waits for a file system that fails.
      space.giveUp()
    }
  }

  const leave = async (): Promise<void> => {
    isJoined = false
    const net = space.netBytes
    const state = await ledger.update((before) => {
      if (!before.claims.has(life)) return undefined
      const { baseBytes, changes } = before
      return { ...withClaim(before, life, undefined), baseBytes: baseBytes + net, changes: changes + 1 }
    })
    space.reset()
    observe(state, view?.neighbours ?? new Map())
  }

  return {
    isCurrent: () => isRecent() && space.freeBytes >= 0,
    isStuck: () => isStuck && !isRecent(),
    async join() {
      isStuck = true
      await lookOnce()
      isStuck = false
    },
    start() {
      running ??= (async () => {
        while (!stopped) {
          if (!isWanted) await rests.rest(isShared(now()) ? tickMs : aloneTickMs)
          if (!stopped) await tick()
        }
      })()
    },
    nudge() {
      isWanted = true
      rests.wake()
    },
    async confirm() {
      if (!isRecent() || space.freeBytes < 0) await lookOnce()
      if (!isRecent() || space.freeBytes < 0) throw storeError('no-space', 'the claim on the volume does not stand')
    },
    view() {
      if (view === undefined) throw storeError('misuse', 'not joined')
      return view
    },
    isShared,
    isCounter() {
      if (view === undefined || !isJoined) return false
      const { neighbours, state } = view
      const alive = [...state.claims.keys()].filter((name) => name === life || !isSilent(neighbours.get(name)))
      return alive.sort()[0] === life
    },
    accountsFor(temporaryName) {
      const name = temporaryName.slice(0, temporaryName.lastIndexOf('-'))
      return name === life || view?.state.claims.has(name) === true
    },
    async settle(baseBytes, changes) {
      const state = await ledger.update((before) => {
        const own = before.claims.get(life)
        if (own === undefined || before.changes !== changes) return undefined
        return withOwn({ ...before, baseBytes, counted: true }, own.bytes)
      })
      if (view !== undefined) observe(state, view.neighbours)
    },
    async stop() {
      stopped = true
      rests.end()
      await running
      await looking?.catch(onError)
      try {
        if (isJoined) await leave()
      } finally {
        await reports.leave()
      }
    },
  }
}
