import { createEveryRequestAuthoriser, createNetworkAuthoriser } from '@s3proxy/auth'
import { type BucketMarks, type CacheStore, createMemoryTier } from '@s3proxy/cache-store'
import {
  type Budget,
  createBudget,
  createFastLane,
  createFixedPolicies,
  createGateway,
  type FillVerification,
  type Gateway,
  type GatewayOptions,
  listen,
  type ReadPolicy,
  type RequestRecord,
} from '@s3proxy/gateway'
import { headerValue, type RawHeaders } from '@s3proxy/protocol'
import { createRouter } from '@s3proxy/router'
import { createManualClock, type HttpAnswer, type ManualClock, requestOnce } from '@s3proxy/testkit'
import { createUpstream, type UpstreamOptions } from '@s3proxy/upstream'
import { expect, onTestFinished } from 'vitest'

/** A proxy in this process, in front of an origin on the loopback. */
export interface ScenarioProxy {
  readonly port: number
  readonly gateway: Gateway
  readonly store: CacheStore
  readonly clock: ManualClock
  /** One per ended request, in order of their ends. */
  readonly records: readonly RequestRecord[]
  /** The checksums that bytes of the origin did not match. */
  readonly mismatches: readonly string[]
  /** One request on a connection of its own, `Host` added. */
  request(method: string, target: string, headers?: RawHeaders, body?: Uint8Array): Promise<HttpAnswer>
  /** A request and the wait until its fill is stored. */
  settled(method: string, target: string, headers?: RawHeaders, body?: Uint8Array): Promise<HttpAnswer>
}

/** How a scenario's proxy differs from the usual. */
export interface ScenarioOptions {
  readonly origin: { readonly port: number }
  /** Default `network`. */
  readonly mode?: 'network' | 's3'
  /** Default a RAM tier of 64 MiB. */
  readonly store?: CacheStore
  /** Default: none. */
  readonly bucketMarks?: BucketMarks
  /** Default: that of `createFixedPolicies`. */
  readonly policy?: Partial<ReadPolicy>
  readonly maxConcurrentRequests?: number
  readonly verifyFills?: FillVerification
  readonly upstream?: UpstreamOptions
  /** Default: one of its own. */
  readonly clock?: ManualClock
  /** Other proxies over the same cache. Default: none. */
  readonly peers?: GatewayOptions['peers']
  readonly sharing?: GatewayOptions['sharing']
  /** Default one of 512 MiB. */
  readonly budget?: Budget
}

/** The store's name, as clients know it. */
export const host = 'store.test'

/** Starts a proxy for one test; it stops with the test. */
export async function startProxy(options: ScenarioOptions): Promise<ScenarioProxy> {
  const clock = options.clock ?? createManualClock()
  const records: RequestRecord[] = []
  const mismatches: string[] = []
  const store = options.store ?? createMemoryTier({ maxBytes: 64 << 20 })
  const budget = options.budget ?? createBudget({ maxBytes: 512 << 20 })
  const upstream = createUpstream({
    budget,
    endpointOverrides: { [host]: [`127.0.0.1:${options.origin.port}`] },
    ...options.upstream,
  })
  const policies = createFixedPolicies({
    authoriser: options.mode === 's3' ? createEveryRequestAuthoriser() : createNetworkAuthoriser(),
    ...options.policy,
  })
  const gateway = createGateway({
    router: createRouter({ stores: [{ name: host, scheme: 'http' }] }),
    store,
    bucketMarks: options.bucketMarks,
    upstream,
    policies,
    now: clock.now,
    ...(options.peers === undefined ? {} : { peers: options.peers }),
    ...(options.sharing === undefined ? {} : { sharing: options.sharing }),
    budget,
    maxConcurrentRequests: options.maxConcurrentRequests ?? 1000,
    ...(options.verifyFills === undefined ? {} : { verifyFills: options.verifyFills }),
    onFillMismatch: (algorithm) => mismatches.push(algorithm),
    onRequest: (record) => {
      records.push(record)
    },
  })
  const lane = createFastLane({ gateway })
  const listening = await listen(lane, { port: 0, bind: '127.0.0.1' })
  if (listening.kind === 'failed') throw new Error(listening.message)
  const { port } = listening
  onTestFinished(async () => {
    await listening.drain(0)
    await gateway.idle()
    // Whatever happened: nobody holds memory any more.
    expect(budget.usedBytes).toBe(0)
    await upstream.close()
    await store.close()
  })
  const request: ScenarioProxy['request'] = (method, target, headers = [], body) =>
    requestOnce(
      { port },
      { method, target, headers: ['Host', host, ...headers], ...(body === undefined ? {} : { body }) },
    )
  return {
    port,
    gateway,
    store,
    clock,
    records,
    mismatches,
    request,
    async settled(...call) {
      const answer = await request(...call)
      await gateway.idle()
      clock.advance(1)
      return answer
    },
  }
}

/** Status, outcome and body of an answer: what most scenarios compare. */
export function gist(answer: HttpAnswer): readonly [status: number, cache: string | undefined, body: string] {
  return [answer.status, headerValue(answer.headers, 'x-cache'), answer.body.toString('latin1')]
}

/** Lets the event loop turn until `condition` holds; throws if it does not within a bounded number of turns. */
export async function until(condition: () => boolean): Promise<void> {
  // On a busy machine many turns pass while threads and the kernel wait for theirs.
  const givenUpAt = performance.now() + 20_000
  for (let turn = 0; turn < 100_000 || performance.now() < givenUpAt; turn++) {
    if (condition()) return
    await new Promise((resolve) => setImmediate(resolve))
  }
  throw new Error('the condition did not come true')
}
