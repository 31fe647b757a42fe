import type { FromTable, ToTable } from '../leases/lease-messages.ts'
import type { Invalidation } from '../peers.ts'

/** From a worker to the hub. A round has the name its announcer gave it. */
export type ToHub =
  | ToTable
  /** Everyone else is to forget. */
  | { readonly kind: 'announce'; readonly round: string; readonly invalidation: Invalidation }
  /** What a `forget` names is unreachable here. */
  | { readonly kind: 'seen'; readonly round: string }
  /** See `Forgetting.settled`; the announcer's own too. */
  | { readonly kind: 'settled'; readonly round: string; readonly clean: boolean }

/** From the hub to a worker. */
export type FromHub =
  | FromTable
  | { readonly kind: 'forget'; readonly round: string; readonly invalidation: Invalidation }
  /** To the announcer: no other worker can reach it any more. */
  | { readonly kind: 'seen-by-all'; readonly round: string }
  /** See `Forgetting.end`. */
  | { readonly kind: 'end'; readonly round: string; readonly clean: boolean }
