import { readFile } from 'node:fs/promises'
import type { Authoriser } from '@s3proxy/auth'
import { type CacheStore, openBucketMarks, type StoreObserver } from '@s3proxy/cache-store'
import type { Peers } from '@s3proxy/coordinator'
import {
  type Budget,
  createBudget,
  createGateway,
  type Gateway,
  type GatewayOptions,
  type RequestRecord,
  storeTimeout,
} from '@s3proxy/gateway'
import { type ProxyError, type SumAlgorithm, toProxyError } from '@s3proxy/protocol'
import { createRouter } from '@s3proxy/router'
import { createUpstream, parseCaBundle, type UpstreamClient } from '@s3proxy/upstream'
import type { Config } from './config/config.ts'
import { openStore } from './open-store.ts'
import { createPolicies } from './policies/policies.ts'
import { createSpaceRules } from './policies/space-rules.ts'

/** What a proxy tells the outside. */
export interface ProxyObserver {
  request(record: RequestRecord, error: ProxyError | undefined): void
  readonly store: StoreObserver
  /** The cache directory cannot be used, and why; requests go to S3 as far as memory does not help. */
  uncached(message: string): void
  /** The cache directory can be used after all. */
  cached(): void
  /** The bytes of an object from S3 did not add up to its checksum: they are not kept. */
  fillMismatch(algorithm: SumAlgorithm): void
  /** Wraps the client to count what goes through it. */
  upstream(client: UpstreamClient): UpstreamClient
}

/** The parts of one proxy, put together and ready, without listeners. */
export interface Composition {
  readonly kind: 'composed'
  readonly gateway: Gateway
  readonly store: CacheStore
  readonly budget: Budget
  /** Puts the rules of `config`, and what its `cache` says about reads, in the place of those in force. */
  replacePolicies(config: Config): void
  /** Waits for fills, then closes the store and the connections to S3. Call when no request is under way. */
  close(): Promise<void>
}

/** Why a proxy cannot be put together, in a line for people. */
export interface CompositionFailure {
  readonly kind: 'failed'
  readonly message: string
}

/** What is composed. */
export interface ComposeOptions {
  readonly config: Config
  readonly observer: ProxyObserver
  /** Who may read a hit, whatever the configuration says. Default: as it says. */
  readonly authoriser?: Authoriser
  /** The other processes that serve from the same cache. Default: none. */
  readonly peers?: Peers
  /** How they share what they fetch. Default: each fetches for itself. */
  readonly sharing?: GatewayOptions['sharing']
}

/** The composition root: the only place that builds parts from a configuration. */
export async function compose(options: ComposeOptions): Promise<Composition | CompositionFailure> {
  const { config, observer } = options
  const ca = await readCa(config.upstream.caFile)
  if (ca.kind === 'failed') return ca
  const budget = createBudget({ maxBytes: config.server.memoryBudgetBytes })
  const spaceRules = createSpaceRules(config.rules)
  const { uncached: onUncached, cached: onCached } = observer
  const opened = await openStore({
    config: config.cache,
    observer: observer.store,
    budget,
    spaceRules: spaceRules.rules,
    onUncached,
    onCached,
  })
  if (opened.kind === 'failed') return opened
  const { store } = opened
  /** A tier reports its own failures; that it hangs, only who waits for it can tell. */
  const storeTrouble = (error: unknown): void => {
    const trouble = toProxyError(error, 'store')
    if (trouble.reason === storeTimeout) observer.store.failed('wait', trouble)
  }
  const bucketMarks =
    opened.disk === 'none'
      ? undefined
      : await openBucketMarks({
          directory: config.cache.directory,
          onError: (error) => observer.store.failed('mark', toProxyError(error, 'store')),
        })
  const { stores, dns } = config.upstream
  const upstream = observer.upstream(
    createUpstream({
      budget,
      connectTimeoutMs: config.upstream.connectTimeoutMs,
      firstByteTimeoutMs: config.upstream.firstByteTimeoutMs,
      idleTimeoutMs: config.upstream.idleTimeoutMs,
      dnsServers: dns.servers,
      dnsRefreshMs: dns.refreshMs,
      endpointOverrides: config.upstream.endpointOverrides,
      stores: Object.fromEntries(stores.map(({ name, endpoint, validateTls }) => [endpoint ?? name, { validateTls }])),
      ca: ca.certificates,
    }),
  )
  const policies = createPolicies(config, options.authoriser)
  const gateway = createGateway({
    router: createRouter({ stores }),
    store,
    upstream,
    policies: policies.policies,
    budget,
    bucketMarks,
    onStoreTrouble: storeTrouble,
    maxConcurrentRequests: config.server.maxConcurrentRequests,
    verifyFills: config.cache.verifyFills,
    onFillMismatch: observer.fillMismatch,
    onRequest: observer.request,
    ...(options.peers === undefined ? {} : { peers: options.peers }),
    ...(options.sharing === undefined ? {} : { sharing: options.sharing }),
  })
  return {
    kind: 'composed',
    gateway,
    store,
    budget,
    replacePolicies(next) {
      policies.replace(next)
      spaceRules.replace(next.rules)
    },
    async close() {
      bucketMarks?.close()
      await upstream.close()
      await store.close()
    },
  }
}

type Ca = { readonly kind: 'read'; readonly certificates: readonly string[] } | CompositionFailure

async function readCa(file: string | undefined): Promise<Ca> {
  if (file === undefined) return { kind: 'read', certificates: [] }
  const failed = (why: string): CompositionFailure => ({ kind: 'failed', message: `upstream.ca_file: ${file}: ${why}` })
  let text: string
  try {
    text = await readFile(file, 'utf8')
  } catch (error) {
    return failed(`cannot be read (${(error as NodeJS.ErrnoException).code ?? 'unknown error'})`)
  }
  const bundle = parseCaBundle(text)
  return bundle.kind === 'invalid' ? failed(bundle.reason) : { kind: 'read', certificates: bundle.pem }
}
