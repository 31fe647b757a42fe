import { createEveryRequestAuthoriser, createNetworkAuthoriser } from '@s3proxy/auth'
import { type Budget, createBudget, createGateway, type Gateway, type ReadPolicy } from '@s3proxy/gateway'
import { cacheKey, createRouter, type Router } from '@s3proxy/router'
import { createManualClock, type ManualClock } from '@s3proxy/testkit'
import type { EpisodeCache } from './caches.ts'
import { maxParts } from './content.ts'
import type { FaultRates } from './faults.ts'
import type { FrontClient, Manners } from './front.ts'
import { createHistory, type History } from './history.ts'
import { judge } from './judge.ts'
import type { Judged, Promises } from './judged.ts'
import { createLedger } from './ledger.ts'
import type { Random } from './random.ts'
import { bucket, createRequest, drawCacheControl, host, type ModelRequest, wholeRead } from './requests.ts'
import { createStoreModel } from './store-model.ts'
import { createTurnstile, type Turnstile } from './turnstile.ts'
import type { OpenWires } from './wires.ts'

/** What one episode is like. */
export interface EpisodePlan {
  readonly random: Random
  readonly cache: (turnstile: Turnstile, clock: ManualClock, budget: Budget) => EpisodeCache | Promise<EpisodeCache>
  /** For what is in flight, in bytes. */
  readonly budgetBytes: number
  readonly wires: OpenWires
  readonly mode: 's3' | 'network'
  /** Told of every request that has ended. */
  readonly trace: ((line: string) => void) | undefined
  readonly presignedMemoMs: number
  readonly policy: Omit<ReadPolicy, 'cache' | 'authoriser'>
  readonly clients: number
  readonly requestsPerClient: number
  readonly keys: number
  readonly writes: number
  readonly maxSize: number
  readonly rates: FaultRates
  readonly leavers: number
  readonly slowness: number
  /** Part of the turns in which the store changes behind the proxy's back. */
  readonly gremlins: number
}

/** Turns of the event loop in which nothing at all happens; then nothing ever will. */
const maxIdleTurns = 5000

/** What an episode came to. */
export interface EpisodeResult {
  /** What it was like, for people. */
  readonly name: string
  /** What was wrong. */
  readonly found: readonly string[]
}

/** Runs an episode. */
export async function runEpisode(plan: EpisodePlan): Promise<EpisodeResult> {
  const { random, mode } = plan
  const clock = createManualClock()
  const history = createHistory(plan.keys, clock.now)
  const ledger = createLedger()
  const turnstile = createTurnstile()
  const budget = createBudget({ maxBytes: plan.budgetBytes })
  const cache = await plan.cache(turnstile, clock, budget)
  const complain = (text: string): void => void ledger.complaints.push(text)
  const store = createStoreModel({ random: random.fork('store'), history, ledger, turnstile, rates: plan.rates })
  const wires = await plan.wires(store, complain)
  const patienceMs = Math.max(wires.patienceMs, cache.patienceMs)
  const policy: ReadPolicy = {
    ...plan.policy,
    cache: true,
    authoriser:
      mode === 's3'
        ? createEveryRequestAuthoriser({ presignedMemoMs: plan.presignedMemoMs })
        : createNetworkAuthoriser(),
  }
  const router = createRouter({ stores: [{ name: host, scheme: 'http' }] })
  const gateway = createGateway({
    budget,
    router,
    store: cache.store,
    upstream: wires.upstream,
    policies: { of: () => policy },
    now: clock.now,
    onRequest: (record, error) => {
      const { requestId, reason, outcome } = record
      const cause = error?.cause === undefined ? '' : `, ${String(error.cause)}`
      ends.set(requestId, `${outcome}, ${reason}${cause}`)
    },
  })
  const front = await wires.front({ gateway, random: random.fork('front'), turnstile })
  const promises: Promises = {
    history,
    ledger,
    mode,
    ...plan.policy,
    presignedMemoMs: plan.presignedMemoMs,
    cacheBreaks: cache.breaks,
    anyTroubleExcuses: wires.sharesConnections && plan.rates.lies > 0,
  }
  const found: string[] = []
  /** How the proxy itself saw the end of each request, by id. */
  const ends = new Map<string, string>()
  let progress = 0

  const perform = async (client: FrontClient, request: ModelRequest, manners: Manners): Promise<void> => {
    const track = ledger.open(request)
    const floors = Array.from({ length: plan.keys }, (_, key) => history.floor(key))
    const gone = new Set(ledger.gone)
    const startTick = history.tick()
    const startMs = clock.now()
    const outcome = await client.send(request, manners)
    progress++
    if (outcome.kind === 'complete' && track.appliedInTime) {
      for (const entry of track.applied) history.answered(entry)
      if (track.deletedVersion !== undefined) ledger.gone.add(track.deletedVersion)
    }
    const judged: Judged = {
      request,
      outcome,
      track,
      startTick,
      startMs,
      endTick: history.tick(),
      floor: (key) => floors[key] ?? 0,
      gone,
    }
    const line = `${describe(judged)} (${ends.get(request.id)})`
    plan.trace?.(line)
    for (const fault of judge(judged, promises)) found.push(`${line}: ${fault}`)
  }

  const live = async (name: string): Promise<void> => {
    const own = random.fork(name)
    const client = front.connect(name)
    for (let n = 0; n < plan.requestsPerClient; n++) {
      if (own.chance(0.3)) await turnstile.hold()
      const request = createRequest({
        id: `${name}-${n}`,
        random: own,
        history,
        keys: plan.keys,
        writes: plan.writes,
        size: (drawn) => drawSize(drawn, plan.maxSize),
      })
      await perform(client, request, drawManners(own, plan))
    }
    client.close()
  }
  /** The store is written to by somebody who does not use the proxy. */
  const meddle = (drawn: Random): void => {
    const key = drawn.int(0, plan.keys - 1)
    const act = drawn.int(0, 5)
    if (act === 0) history.remove(key)
    else if (act <= 2) history.touch(key)
    else history.put(key, history.make(key, drawSize(drawn, plan.maxSize), drawCacheControl(drawn)))
  }
  const drive = async (until: () => boolean): Promise<string | undefined> => {
    const drawn = random.fork('driver')
    let idleTurns = 0
    let before = -1
    let quietSince = 0
    while (!until()) {
      await turn()
      if (drawn.chance(plan.gremlins)) meddle(drawn)
      if (drawn.chance(0.05))
        clock.advance(drawn.pick([0, 1, 10, 500, 1001, Math.floor(policy.getTtlMs / 2), policy.getTtlMs + 1]))
      if (drawn.chance(0.7)) turnstile.release(drawn)
      idleTurns = progress === before && turnstile.waiting === 0 ? idleTurns + 1 : 0
      before = progress
      if (idleTurns === 0) quietSince = performance.now()
      if (idleTurns > maxIdleTurns && performance.now() - quietSince > patienceMs)
        return `hangs: ${gateway.inFlight} requests in the gateway, ${store.active} in the store`
    }
    return undefined
  }

  for (let key = 0; key < plan.keys; key++)
    if (random.chance(0.8)) history.put(key, history.make(key, drawSize(random, plan.maxSize)))
  let living = plan.clients
  for (let n = 0; n < plan.clients; n++) {
    live(`c${n}`).then(
      () => living--,
      (error: unknown) => {
        found.push(`a client failed: ${String(error)}`)
        living--
      },
    )
  }
  const hung = await drive(() => living === 0)
  const name = `${mode}, ${cache.name}, ${JSON.stringify(plan.policy)}`
  const result = (...more: readonly string[]): EpisodeResult => ({
    name,
    found: [...found, ...ledger.complaints, ...front.complaints, ...more],
  })
  if (hung !== undefined) return result(hung)
  turnstile.open()
  const rest = await quiet(gateway, patienceMs)
  if (rest !== undefined) return result(rest)

  const client = front.connect('last')
  for (let key = 0; key < plan.keys; key++) {
    for (const method of ['GET', 'HEAD', 'GET'] as const) {
      await perform(client, wholeRead(`last-${key}-${progress}`, key, method, random), { leaves: 'never', slowness: 0 })
    }
  }
  client.close()
  const late = await quiet(gateway, patienceMs)
  if (late !== undefined) found.push(late)
  for (let turns = 0; turns < maxIdleTurns && store.active > 0; turns++) await turn()
  if (store.active > 0) found.push(`${store.active} exchanges with the store never ended`)
  await front.close()
  found.push(...(await wires.close()))
  // The disk may be merging extents, which holds memory too.
  const endedAt = performance.now()
  while (budget.usedBytes > 0 && performance.now() - endedAt < Math.max(patienceMs, backgroundMs)) await turn()
  if (budget.usedBytes > 0) found.push(`${budget.usedBytes} bytes of the budget are never given back`)
  if (cache.counts) {
    for (const name of cacheKeys(router, history, plan.keys)) await cache.store.remove(name)
    const { memoryBytes } = cache.store.usage()
    if (memoryBytes > 0) found.push(`${memoryBytes} bytes of memory are never freed`)
  }
  await cache.dispose()
  return result()
}

/** What the cache may know the keys, their versions and their parts by. */
function cacheKeys(router: Router, history: History, keys: number): string[] {
  return Array.from({ length: keys }, (_, key) => {
    const match = router.match({ method: 'GET', target: `/${bucket}/key-${key}`, headers: ['Host', host] })
    if (match.kind !== 'route' || match.route.address.kind !== 'object') throw new Error('not an object')
    const { address } = match.route
    const versions = history.of(key).map(({ object }) => ({ ...address, versionId: String(object?.version) }))
    const objects = [address, ...versions]
    const ofParts = objects.flatMap((object) =>
      Array.from({ length: maxParts }, (_, n) => ({ ...object, partNumber: n + 1 })),
    )
    return [...objects, ...ofParts].map((parts) => cacheKey(parts))
  }).flat()
}

function drawSize(random: Random, maxSize: number): number {
  return random.pick([0, 1, random.int(2, 100), random.int(100, maxSize), random.int(100, maxSize), maxSize])
}

function drawManners(random: Random, { leavers, slowness }: EpisodePlan): Manners {
  if (!random.chance(leavers)) return { leaves: 'never', slowness }
  return {
    leaves: random.pick(['uploading', 'waiting', { afterPart: random.next() }, { afterPart: 0 }] as const),
    slowness,
  }
}

/** Longest that work in the background may take over a cache of this size. */
const backgroundMs = 10_000

/** Waits for the gateway to come to rest; says so if it does not. */
async function quiet(gateway: Gateway, patienceMs: number): Promise<string | undefined> {
  let idle = false
  void gateway.idle().then(() => {
    idle = true
  })
  const since = performance.now()
  for (let turns = 0; !idle && (turns < maxIdleTurns || performance.now() - since < patienceMs); turns++) await turn()
  if (!idle) return 'the gateway does not come to rest'
  return gateway.inFlight === 0 ? undefined : `${gateway.inFlight} requests are left in the gateway`
}

function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}

function describe({ request, outcome, startTick, endTick }: Judged): string {
  const { id, method, target, headers } = request
  const fields = headers.flatMap((text, at) =>
    at % 2 === 0 && /^(range|if-)/i.test(text) ? [`${text}: ${headers[at + 1]}`] : [],
  )
  return `[${startTick}-${endTick}] ${id} ${method} ${target.replace(/[?&]X-Amz.*/, '?presigned')} (${fields.join(', ')}) ${outcome.kind} ${outcome.answer?.status ?? ''}`
}
