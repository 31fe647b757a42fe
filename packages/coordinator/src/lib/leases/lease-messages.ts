import type { FlightNotice, Turn, Wanted } from './lease.ts'

/** From a worker to the lease table. A claim has the name its worker gave it. */
export type ToTable =
  | { readonly kind: 'claim'; readonly claim: string; readonly wanted: Wanted }
  | { readonly kind: 'led'; readonly claim: string; readonly notice: FlightNotice<unknown> }
  | { readonly kind: 'release'; readonly claim: string }
  | { readonly kind: 'landed'; readonly flight: string }
  /** A fill of another worker that has landed is not read here any more. */
  | { readonly kind: 'left'; readonly flight: string }

/** From the lease table to a worker. */
export type FromTable =
  | { readonly kind: 'turn'; readonly claim: string; readonly turn: Turn<unknown> }
  /** Somebody else leads, and has no answer yet. */
  | { readonly kind: 'wait'; readonly claim: string }
  | { readonly kind: 'landed'; readonly flight: string }
  /** To the leader: a fill that has landed is read by nobody else any more. */
  | { readonly kind: 'unfollowed'; readonly flight: string }
