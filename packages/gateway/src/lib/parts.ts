import type { Authoriser } from '@s3proxy/auth'
import type { CacheStore, Representation } from '@s3proxy/cache-store'
import type { Flights, Generations } from '@s3proxy/coordinator'
import type { Router } from '@s3proxy/router'
import type { UpstreamClient } from '@s3proxy/upstream'
import type { Invalidator } from './write/invalidator.ts'

/** How long a confirmed representation counts as fresh, milliseconds; 0: never. */
export interface Freshness {
  readonly getMs: number
  readonly headMs: number
}

/** What the stages work with. */
export interface Parts {
  readonly router: Router
  readonly store: CacheStore
  readonly upstream: UpstreamClient
  readonly authoriser: Authoriser
  readonly generations: Generations
  readonly flights: Flights<Representation>
  readonly invalidator: Invalidator
  readonly ttl: Freshness
  /** Milliseconds since the epoch. */
  readonly now: () => number
}
