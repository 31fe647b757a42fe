import { spawn } from 'node:child_process'
import type { Dirent } from 'node:fs'
import { readdir, readFile, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type CacheStore, openDiskTier } from '@s3proxy/cache-store'
import { assertRight } from '@s3proxy/cache-store/testing'
import { createTempDir } from '@s3proxy/testkit'
import { expect, it } from 'vitest'
import { createRandom, type KillPlan, maxBytes } from './kill-plan.ts'

/** Kill points tried. More with S3PROXY_KILL_POINTS. */
const points = Number(process.env['S3PROXY_KILL_POINTS'] ?? 500)
/** Deaths on one directory, one after the other. */
const perDirectory = 25
/** Operations that the workload takes to have done everything, and a start, several times. */
const operations = 500

const child = fileURLToPath(new URL('kill-child.ts', import.meta.url))

interface Known {
  readonly versions: Map<string, number>
  readonly floors: Map<string, number>
}

/** Runs a child to its death; resolves to the signal. */
function runChild(plan: KillPlan): Promise<string | null> {
  return new Promise((resolve, reject) => {
    const stdio = ['ignore', 'ignore', 'inherit'] as const
    const running = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', child, JSON.stringify(plan)], {
      stdio: [...stdio],
      // A start takes a third of the time.
      env: { ...process.env, NODE_COMPILE_CACHE: join(tmpdir(), 's3proxy-kill-points') },
    })
    running.on('error', reject)
    running.on('exit', (_code, signal) => resolve(signal))
  })
}

async function readLog(path: string, known: Known): Promise<void> {
  const text = await readFile(path, 'utf8').catch(() => '')
  for (const line of text.split('\n').slice(0, -1)) {
    const [what, key, version] = JSON.parse(line) as [string, string, number]
    const map = what === 'started' ? known.versions : known.floors
    map.set(key, Math.max(version, map.get(key) ?? 0))
  }
}

/** A store whose counts of the directory the test begins. */
interface Reopened {
  readonly store: CacheStore
  /** Resolves when everything has been counted once more. */
  count(): Promise<void>
}

/** Opens the directory two hours later, when nothing of an earlier life is fresh any more; it has been counted once. */
async function reopen(directory: string): Promise<Reopened> {
  let counted = Promise.withResolvers<void>()
  let goOn: () => void = () => undefined
  const pause = (delayMs: number): Promise<void> => {
    if (delayMs < 1000) return Promise.resolve()
    return new Promise((resolve) => {
      if (delayMs < 60_000) return
      goOn = resolve
      counted.resolve()
    })
  }
  const now = (): number => Date.now() + 2 * 3_600_000
  const opening = await openDiskTier({ directory, maxBytes, now, pause })
  if (opening.kind === 'refused') throw new Error(opening.message)
  await counted.promise
  return {
    store: opening.store,
    async count() {
      counted = Promise.withResolvers<void>()
      goOn()
      await counted.promise
    },
  }
}

/** Both accounts of a directory, from one moment. */
interface Accounts {
  readonly byStore: number
  readonly byFiles: number
  readonly temporaries: number
}

/** Counts until the accounts agree: what goes while it is counted makes a count wrong, and the next one right. */
async function converge({ store, count }: Reopened, directory: string): Promise<Accounts> {
  for (let counts = 0; ; counts++) {
    const { bytes: byFiles, temporaries } = await diskBytes(directory)
    const byStore = store.usage().diskBytes
    if (byStore === byFiles || counts === 10) return { byStore, byFiles, temporaries }
    await count()
  }
}

/** Everything below `root`; looks again if something goes meanwhile. */
async function listAll(root: string): Promise<Dirent[]> {
  for (;;) {
    try {
      return await readdir(root, { recursive: true, withFileTypes: true })
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
    }
  }
}

/** What the files and the keys' directories take, counted by other means. */
async function diskBytes(directory: string): Promise<{ readonly bytes: number; readonly temporaries: number }> {
  const root = join(directory, 'v1')
  let bytes = 0
  let temporaries = 0
  for (const entry of await listAll(root)) {
    const path = join(entry.parentPath, entry.name)
    if (entry.isDirectory()) bytes += /^([0-9a-f]{2}|[0-9a-f]{64})$/.test(entry.name) ? 4096 : 0
    else if (entry.parentPath.endsWith('/tmp')) temporaries++
    else if (/[0-9a-f]{64}$/.test(entry.parentPath)) {
      // What is being evicted meanwhile takes nothing.
      const size = await stat(path).then(
        (stats) => stats.size,
        () => 0,
      )
      const blocks = Math.ceil(size / 4096)
      // From the fifth block on a file may need one more for its map.
      bytes += (blocks + (blocks > 4 ? Math.ceil(blocks / 340) : 0)) * 4096
    }
  }
  return { bytes, temporaries }
}

async function check(directory: string, keys: readonly string[], known: Known | undefined): Promise<number> {
  const reopened = await reopen(directory)
  const { store } = reopened
  let found = 0
  try {
    const { byStore, byFiles, temporaries } = await converge(reopened, directory)
    expect(temporaries).toBe(0)
    expect(byStore).toBe(byFiles)
    if (known !== undefined) expect(byFiles).toBeLessThanOrEqual(maxBytes)
    for (const key of keys) {
      const newest = known?.versions.get(key) ?? Number.POSITIVE_INFINITY
      const version = await assertRight(key, store, await store.lookup(key), newest)
      if (version === undefined) continue
      found++
      expect(version).toBeGreaterThanOrEqual(known?.floors.get(key) ?? 0)
    }
  } finally {
    await store.close()
  }
  return found
}

async function series(first: number, count: number): Promise<number> {
  await using volume = await createTempDir()
  const directory = join(volume.path, 'cache')
  const keys = ['a', 'bb', 'ccc', 'dddd', 'eeeee', 'ffffff']
  const known: Known = { versions: new Map(), floors: new Map() }
  let found = 0
  for (let point = first; point < first + count; point++) {
    const random = createRandom(point)
    const log = join(volume.path, `log-${point}`)
    const plan: KillPlan = {
      directory,
      log,
      keys,
      versions: [...known.versions],
      seed: point,
      alone: true,
      // Every operation of the first ones on a fresh directory, and any later.
      operation: 1 + ((point * 37) % operations),
      turns: Math.floor(random() * 4),
    }
    expect(await runChild(plan)).toBe('SIGKILL')
    await readLog(log, known)
    found += await check(directory, keys, known)
  }
  return found
}

it(`${points} deaths by SIGKILL leave right bytes, no lost promise, a right account and no temporaries`, async () => {
  let found = 0
  const starts = Array.from({ length: Math.ceil(points / perDirectory) }, (_, index) => index * perDirectory)
  const lane = async (): Promise<void> => {
    for (let start = starts.shift(); start !== undefined; start = starts.shift()) {
      found += await series(start, Math.min(perDirectory, points - start))
    }
  }
  await Promise.all([lane(), lane()])
  expect(found).toBeGreaterThan(points)
}, 3_600_000)

it('two processes on the same keys that die at any moment leave right bytes and a right account', async () => {
  await using volume = await createTempDir()
  const directory = join(volume.path, 'cache')
  const keys = ['a', 'bb', 'ccc']
  let found = 0
  const pairs = Math.ceil(points / 20)
  for (let pair = 0; pair < pairs; pair++) {
    const plan = (process: number): KillPlan => ({
      directory,
      log: join(volume.path, `log-${pair}-${process}`),
      keys,
      versions: [],
      seed: pair * 2 + process,
      alone: false,
      operation: 50 + ((pair * 53 + process * 17) % operations),
      turns: process,
    })
    const signals = await Promise.all([runChild(plan(0)), runChild(plan(1))])
    expect(signals).toEqual(['SIGKILL', 'SIGKILL'])
    found += await check(directory, keys, undefined)
  }
  expect(found).toBeGreaterThan(0)
}, 3_600_000)
