import type { Origin, UpstreamRequest } from './client.ts'
import { createDeadlines } from './deadlines.ts'
import { createDial, type Endpoint } from './dial.ts'
import { createNodeSender } from './node-sender.ts'
import type { ResolvedUpstreamOptions } from './options.ts'
import type { HeadFacts } from './request-head.ts'
import type { Sender, SenderOptions } from './sender.ts'
import { createSocketSender } from './socket-sender.ts'
import type { TlsPolicy } from './tls.ts'
import { scratchBytes, slabBytes } from './wire/read-buffer.ts'
import { createSlabs } from './wire/slabs.ts'

/** Memory of bodies that is kept although nobody needs it: some bodies' worth of what is between a store, a disk and a client. */
const maxIdleSlabBytes = 16 << 20

/** The connections to one address on behalf of one origin. */
export interface Pool {
  /** The one rule by which a request gets its sender. */
  senderFor(request: UpstreamRequest, facts: HeadFacts): Sender
  readonly active: number
  close(): Promise<void>
}

/** Every pool there is. */
export interface Pools {
  /** The pool for `origin` at `endpoint`. Origins never share one, so no connection serves another TLS name. */
  get(origin: Origin, endpoint: Endpoint): Pool
  /** Pools in being. */
  readonly size: number
  close(): Promise<void>
}

/** Makes pools as they are needed and closes the least recently used idle ones beyond `maxPools`. */
export function createPools(settings: ResolvedUpstreamOptions, tls: TlsPolicy): Pools {
  const pools = new Map<string, Entry>()
  const deadlines = createDeadlines(settings.clock)
  const scratch = Buffer.allocUnsafeSlow(scratchBytes)
  const slabs = createSlabs(slabBytes, maxIdleSlabBytes)
  const closing = new Set<Promise<void>>()
  let uses = 0

  const discard = (key: string, { pool }: Entry): void => {
    pools.delete(key)
    const closed = pool.close().finally(() => closing.delete(closed))
    closing.add(closed)
  }
  const makeRoom = (): void => {
    if (pools.size < settings.maxPools) return
    let oldest: [string, Entry] | undefined
    for (const candidate of pools) {
      if (candidate[1].pool.active > 0) continue
      if (oldest === undefined || candidate[1].lastUse < oldest[1].lastUse) oldest = candidate
    }
    if (oldest !== undefined) discard(...oldest)
  }

  return {
    get(origin, endpoint) {
      const key = `${origin.scheme} ${origin.hostname} ${origin.port} ${endpoint.address} ${endpoint.port}`
      let entry = pools.get(key)
      if (entry === undefined) {
        makeRoom()
        const { connectTimeoutMs, clock } = settings
        const dial = createDial({ endpoint, tls: tls.settingsFor(origin), connectTimeoutMs, clock })
        entry = { pool: createPool({ endpoint, dial, clock, deadlines, scratch, slabs, settings }), lastUse: 0 }
        pools.set(key, entry)
      }
      entry.lastUse = ++uses
      return entry.pool
    },
    get size() {
      return pools.size
    },
    async close() {
      for (const [key, entry] of [...pools]) discard(key, entry)
      await Promise.all(closing)
    },
  }
}

interface Entry {
  readonly pool: Pool
  /** Number of the last use, counted over all pools. */
  lastUse: number
}

function createPool(options: SenderOptions): Pool {
  let socket: Sender | undefined
  let node: Sender | undefined
  return {
    senderFor(request, facts) {
      if (request.body === undefined && !facts.expectsContinue) {
        socket ??= createSocketSender(options)
        return socket
      }
      node ??= createNodeSender(options)
      return node
    },
    get active() {
      return (socket?.active ?? 0) + (node?.active ?? 0)
    },
    async close() {
      await Promise.all([socket?.close(), node?.close()])
    },
  }
}
