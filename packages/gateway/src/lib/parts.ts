import type { CacheStore, Representation } from '@s3proxy/cache-store'
import type { Flights, Generations } from '@s3proxy/coordinator'
import type { Router } from '@s3proxy/router'
import type { UpstreamClient } from '@s3proxy/upstream'
import type { Budget } from './budget.ts'
import type { FillChecks } from './read/fill-checks.ts'
import type { NegativeCache } from './read/negative.ts'
import type { ReadPolicies } from './read-policy.ts'
import type { Invalidator } from './write/invalidator.ts'

/** What the stages work with. */
export interface Parts {
  readonly router: Router
  readonly store: CacheStore
  readonly upstream: UpstreamClient
  readonly policies: ReadPolicies
  readonly generations: Generations
  readonly flights: Flights<Representation>
  readonly fillChecks: FillChecks
  readonly invalidator: Invalidator
  readonly negative: NegativeCache
  /** Keys about which S3 is being asked in the background, until it has answered. */
  readonly revalidating: Map<string, Promise<void>>
  /** Every buffer between stores, disk and clients is charged to it. */
  readonly budget: Budget
  /** Milliseconds since the epoch. */
  readonly now: () => number
}
