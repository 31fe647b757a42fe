import { join } from 'node:path'
import { createEveryRequestAuthoriser, createNetworkAuthoriser } from '@s3proxy/auth'
import { createMemoryTier, createTieredStore, openDiskTier } from '@s3proxy/cache-store'
import { createFastLane, createFixedPolicies, createGateway, listen } from '@s3proxy/gateway'
import { type ProxyError, parseQuery } from '@s3proxy/protocol'
import { cacheKey, createRouter } from '@s3proxy/router'
import type { HttpAnswer, Minio, RawRequest } from '@s3proxy/testkit'
import { createUpstream } from '@s3proxy/upstream'
import { createLine } from './line.ts'

/** How a proxy is set up. */
export type Mode =
  /** Every hit is authorised by the store. */
  | 's3'
  /** What is fresh is served without asking. */
  | 'network'
  /** As `network`, and what is unsigned is widened to pages. */
  | 'pages'

/** A proxy in this process, in front of MinIO, with a RAM and a disk tier. */
export interface DifferentialProxy extends AsyncDisposable {
  readonly mode: Mode
  /** Sends a request and waits until whatever it caused in the cache has happened. */
  request(request: RawRequest): Promise<HttpAnswer>
  /** Forgets the object that a request is about, in both tiers or in RAM only. */
  forget(request: RawRequest, tiers: 'both' | 'memory'): Promise<void>
}

/** Small, so that an object of 1,000 bytes has several. */
const pageBytes = 256

/** Larger objects are held on disk alone. */
const memoryExtentMaxBytes = 1024 * 1024

/** Starts a proxy. Its cache is below `dir`, which must be its own. */
export async function startDifferentialProxy(mode: Mode, minio: Minio, dir: string): Promise<DifferentialProxy> {
  const host = minio.domain
  const address = `127.0.0.1:${minio.port}`
  const opening = await openDiskTier({ directory: join(dir, mode), maxBytes: 512 << 20 })
  if (opening.kind === 'refused') throw new Error(opening.message)
  const memory = createMemoryTier({ maxBytes: 64 << 20, maxExtentBytes: memoryExtentMaxBytes })
  const store = createTieredStore({ memory, disk: opening.store })
  const upstream = createUpstream({
    endpointOverrides: { [host]: [address], [`*.${host}`]: [address] },
    ca: minio.caPem === undefined ? [] : [minio.caPem],
  })
  const router = createRouter({ stores: [{ name: host, scheme: 'https' }] })
  let failure: ProxyError | undefined
  const gateway = createGateway({
    router,
    store,
    upstream,
    policies: createFixedPolicies({
      authoriser: mode === 's3' ? createEveryRequestAuthoriser() : createNetworkAuthoriser(),
      getTtlMs: 3_600_000,
      headTtlMs: 3_600_000,
      ...(mode === 'pages' ? { pageBytes } : {}),
    }),
    onRequest(_record, error) {
      // Nothing here is at fault but the proxy, so nothing may fail inside it.
      if (error?.source === 'proxy') failure = error
    },
  })
  const listening = await listen(createFastLane({ gateway }), { port: 0, bind: '127.0.0.1' })
  if (listening.kind === 'failed') throw new Error(listening.message)
  const line = createLine({ port: listening.port })
  return {
    mode,
    async request(request) {
      const answer = await line.request(request)
      await gateway.idle()
      if (failure !== undefined) throw failure
      return answer
    },
    async forget(request, tiers) {
      const match = router.match(request)
      if (match.kind !== 'route' || match.route.address.kind !== 'object') return
      const { address, query } = match.route
      const versionId = parseQuery(query).find(({ name }) => name === 'versionId')?.value
      const from = tiers === 'both' ? store : memory
      await from.remove(cacheKey({ ...address, versionId: versionId === '' ? undefined : versionId }))
      if (versionId !== undefined) await from.remove(cacheKey(address))
    },
    async [Symbol.asyncDispose]() {
      await line[Symbol.asyncDispose]()
      await listening.drain(0)
      await gateway.idle()
      await upstream.close()
      await store.close()
    },
  }
}
