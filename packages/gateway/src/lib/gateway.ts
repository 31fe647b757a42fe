import type { Representation } from '@s3proxy/cache-store'
import {
  createFlights,
  createGenerations,
  createNoPeers,
  createSharedFlights,
  type Peers,
  type SharedFlightsOptions,
} from '@s3proxy/coordinator'
import type { ProxyError, SumAlgorithm } from '@s3proxy/protocol'
import { type Budget, createBudget } from './budget.ts'
import type { Exchange } from './exchange.ts'
import { guardStore } from './guard-store.ts'
import { createLimiter } from './limiter.ts'
import type { Parts } from './parts.ts'
import { createPipeline } from './pipeline.ts'
import { createFillChecks, type FillVerification } from './read/fill-checks.ts'
import { createNegativeCache } from './read/negative.ts'
import type { RequestRecord } from './request-record.ts'
import { createShield, shieldStore } from './shield.ts'
import { systemTimers, type Timers, within } from './within.ts'
import { createInvalidator, type Marks } from './write/invalidator.ts'

/** What a gateway is built from. */
export interface GatewayOptions extends Pick<Parts, 'router' | 'store' | 'upstream' | 'policies'> {
  /** The other processes that serve from the same cache. Default: none. */
  readonly peers?: Peers
  /** Who of them fetches what, and how bytes get from one to the other. Default: each fetches for itself. */
  readonly sharing?: Pick<SharedFlightsOptions<Representation>, 'leases' | 'streams'>
  /** Where writes that concern whole buckets are remembered for later. Default: nowhere. */
  readonly bucketMarks?: Marks | undefined
  /** Milliseconds since the epoch. Default `Date.now`. */
  readonly now?: () => number
  /** Requests worked on at once; more are answered 503 SlowDown. Default 1,000. */
  readonly maxConcurrentRequests?: number
  /** Shared with the disk tier. Default: one of 512 MiB. */
  readonly budget?: Budget
  /** For the time limit on the store. Default: the machine's. */
  readonly timers?: Timers
  /** Told of a store that broke its contract (threw where it must not); the requests go on without it. Default: nothing. */
  readonly onStoreTrouble?: (error: unknown) => void
  /** Which checksums of S3 are compared with the bytes it sends. Default `cheap`. */
  readonly verifyFills?: FillVerification
  /** Called when the bytes of a whole object do not add up to the checksum S3 gives it. Default: nothing. */
  readonly onFillMismatch?: (algorithm: SumAlgorithm) => void
  /** Called once per request when it has ended; `error` holds the details of a failure. Default: nothing. */
  readonly onRequest?: (record: RequestRecord, error: ProxyError | undefined) => void
}

/** The request pipeline over its parts, without listeners. */
export interface Gateway {
  /**
   * Takes a request from its head to the end of its answer. A promise, which never rejects, only if it had to wait: a hit
   * in memory is answered when this returns.
   */
  handle(exchange: Exchange): void | Promise<void>
  /** Requests being worked on. */
  readonly inFlight: number
  /** Resolves when no request and no fill is under way. */
  idle(): Promise<void>
}

/** Puts the parts together. */
export function createGateway(options: GatewayOptions): Gateway {
  const now = options.now ?? Date.now
  const generations = createGenerations()
  const limiter = createLimiter(options.maxConcurrentRequests ?? 1000)
  const { router, upstream, policies } = options
  const shield = createShield()
  const guarded = guardStore(options.store, { onTrouble: options.onStoreTrouble, timers: options.timers })
  const store = shieldStore(guarded, shield)
  const budget = options.budget ?? createBudget({ maxBytes: 512 << 20, timers: options.timers })
  const flights =
    options.sharing === undefined
      ? createFlights<Representation>()
      : createSharedFlights({ ...options.sharing, generations, budget, onStored: store.recheck })
  const peers = options.peers ?? createNoPeers()
  /** A mark that cannot be kept, or not in time, keeps no write waiting. */
  const keepMark = (kept: Promise<void>): Promise<void> =>
    within(kept, 10_000, options.timers ?? systemTimers).catch((error: unknown) => options.onStoreTrouble?.(error))
  const invalidator = createInvalidator({
    store,
    generations,
    shield,
    peers,
    now,
    marks: options.bucketMarks,
    guard: keepMark,
  })
  const negative = createNegativeCache(generations)
  const fillChecks = createFillChecks({ verify: options.verifyFills, onMismatch: options.onFillMismatch })
  const revalidating = new Map<string, Promise<void>>()
  const parts: Parts = {
    router,
    store,
    upstream,
    policies,
    now,
    generations,
    flights,
    fillChecks,
    invalidator,
    negative,
    revalidating,
    budget,
  }
  const handle = createPipeline({ parts, limiter, onRequest: options.onRequest ?? (() => undefined) })
  return {
    handle,
    get inFlight() {
      return limiter.inFlight
    },
    async idle() {
      await limiter.idle()
      await Promise.all(revalidating.values())
      await flights.idle()
    },
  }
}
