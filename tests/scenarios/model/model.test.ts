import { expect, it } from 'vitest'
import { drawMemoryCache } from './caches.ts'
import { drawDiskCache } from './disk-caches.ts'
import { type EpisodePlan, runEpisode } from './episode.ts'
import { countOpen, leftOpen } from './leaks.ts'
import { createRandom } from './random.ts'
import { directWires, type OpenWires, socketWires } from './wires.ts'

/** Seconds to spend on each kind of episode; a run in CI has 120 and one on demand an hour. Then every run is another. */
const givenSeconds = process.env['S3PROXY_MODEL_SECONDS']
const seconds = Number(givenSeconds ?? 2)
/** The one episode to run, as a failure named it: once, or as often as the seconds given allow. */
const onlySeed = process.env['S3PROXY_MODEL_SEED']
const firstSeed = Number(onlySeed ?? (givenSeconds === undefined ? 1 : Date.now() % 1_000_000_000))

function drawPlan(seed: number, wires: OpenWires, cache: 'memory' | 'disk'): EpisodePlan {
  const random = createRandom(seed)
  const calm = random.chance(0.4)
  // Beyond what is kept in memory for the readers of one fill.
  const isLarge = random.chance(0.08)
  const getTtlMs = random.pick([0, 50, 1000, 3_600_000])
  return {
    random,
    cache: (turnstile, clock, budget) =>
      cache === 'memory' ? drawMemoryCache(random, turnstile) : drawDiskCache({ random, turnstile, clock, budget }),
    // Ample, or so little that runs are short from the beginning.
    budgetBytes: random.fork('budget').pick([512 << 20, 4 << 20]),
    wires,
    trace: onlySeed === undefined ? undefined : console.log,
    mode: random.pick(['s3', 'network'] as const),
    presignedMemoMs: random.pick([0, 0, 1000]),
    policy: {
      getTtlMs,
      headTtlMs: random.pick([0, getTtlMs]),
      staleIfErrorMs: random.pick([0, 0, 1000]),
      staleWhileRevalidateMs: random.pick([0, 0, 1000]),
      negativeTtlMs: random.pick([0, 0, 1000]),
      honourCacheControl: random.chance(0.3),
      pageBytes: random.pick([0, 0, 256, 4096]),
    },
    clients: random.int(2, 7),
    requestsPerClient: isLarge ? random.int(2, 5) : random.int(3, 25),
    keys: random.int(1, 4),
    writes: random.pick([0, 0.1, 0.3]),
    maxSize: isLarge ? 6_000_000 : random.pick([300, 3000, 30_000]),
    rates: calm ? { failures: 0, lies: 0 } : { failures: random.pick([0, 5, 20]), lies: random.pick([0, 5, 20]) },
    leavers: random.pick([0, 0.1, 0.4]),
    slowness: random.pick([0, 0.2, 0.6]),
    gremlins: random.pick([0, 0.01, 0.05]),
  }
}

it.each([
  ['without a network', directWires, 'memory'],
  ['over a disk', directWires, 'disk'],
  ['over sockets', socketWires, 'memory'],
  ['over sockets and a disk', socketWires, 'disk'],
] as const)(
  'keeps every promise in random episodes %s',
  { timeout: (seconds + 60) * 1000 },
  async (_name, wires, cache) => {
    const rejections: unknown[] = []
    const onRejection = (reason: unknown): void => void rejections.push(reason)
    process.on('unhandledRejection', onRejection)
    try {
      const endsAt = performance.now() + seconds * 1000
      let seed = firstSeed
      let episodes = 0
      let before = Number.POSITIVE_INFINITY
      do {
        const plan = drawPlan(seed, wires, cache)
        const { name, found } = await runEpisode(plan)
        const wrong = [...found, ...rejections.map((reason) => `unhandled rejection: ${String(reason)}`)]
        expect(wrong.slice(0, 10), `replay with S3PROXY_MODEL_SEED=${seed}, ${name}`).toEqual([])
        if (onlySeed === undefined) seed++
        if (episodes++ === 0) before = countOpen()
      } while ((onlySeed === undefined || givenSeconds !== undefined) && performance.now() < endsAt)
      expect(await leftOpen(before), 'files and sockets left open').toBe(0)
      if (givenSeconds !== undefined) console.log(`${episodes} episodes from seed ${firstSeed}`)
    } finally {
      process.off('unhandledRejection', onRejection)
    }
  },
)
