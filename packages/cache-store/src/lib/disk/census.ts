import { accountCount } from './accounts.ts'
import type { View } from './claims.ts'
import type { Space } from './space.ts'

/**
 * Turns a slow walk over a directory that others are writing to into the base of the shared account: for each account,
 * what was found, less what instances had added before the count began, plus what they had freed by its end. Whatever
 * changed meanwhile is on the safe side.
 */
export interface Census {
  /** A walk begins. */
  begin(): void
  /** Counting of an account begins. */
  open(account: number): void
  /** An account has been counted. */
  close(account: number, bytes: number): void
  /** What the walk has found: `waiting` for others to tell what they did up to its end, `void` if they changed. */
  result(): CensusResult
}

export type CensusResult =
  | { readonly kind: 'base'; readonly baseBytes: number; readonly changes: number }
  | { readonly kind: 'waiting' | 'void' }

export interface CensusOptions {
  readonly space: Pick<Space, 'added' | 'freed'>
  readonly view: () => View
}

interface Counted {
  readonly account: number
  /** The report from which on an instance's figures are those of after the count. */
  readonly beats: ReadonlyMap<string, number>
}

export function createCensus({ space, view }: CensusOptions): Census {
  const addedBefore = new Float64Array(accountCount)
  let waiting: Counted[] = []
  let baseBytes = 0
  let changes = -1
  let isVoid = false

  /** A report that is being written while it is asked for may be older than the question; the one after it is not. */
  const beatsFromNow = (): ReadonlyMap<string, number> =>
    new Map([...view().neighbours].map(([life, { report }]) => [life, (report?.beat ?? 0) + 2]))
  const sum = (account: number, figure: 'added' | 'freed'): number => {
    let bytes = 0
    for (const { report } of view().neighbours.values()) bytes += report?.[figure][account] ?? 0
    return bytes
  }
  const isTold = ({ beats }: Counted): boolean =>
    [...beats].every(([life, beat]) => (view().neighbours.get(life)?.report?.beat ?? 0) >= beat)
  const hear = (): void => {
    const { state, neighbours } = view()
    if (state.changes !== changes || neighbours.size + 1 !== state.claims.size) isVoid = true
    waiting = waiting.filter((counted) => {
      if (!isTold(counted)) return true
      baseBytes += sum(counted.account, 'freed')
      return false
    })
  }

  return {
    begin() {
      waiting = []
      baseBytes = 0
      isVoid = false
      changes = view().state.changes
    },
    open(account) {
      hear()
      addedBefore[account] = (space.added[account] ?? 0) + sum(account, 'added')
    },
    close(account, bytes) {
      baseBytes += bytes - (addedBefore[account] ?? 0) + (space.freed[account] ?? 0)
      waiting.push({ account, beats: beatsFromNow() })
      hear()
    },
    result() {
      hear()
      if (isVoid) return { kind: 'void' }
      return waiting.length > 0 ? { kind: 'waiting' } : { kind: 'base', baseBytes, changes }
    },
  }
}
