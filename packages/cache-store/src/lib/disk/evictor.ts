import { type FileSystem, isMissing } from './file-system.ts'
import { isKeyHash, isShardName, type Layout } from './layout.ts'
import type { Space } from './space.ts'

export interface EvictorOptions {
  readonly fs: FileSystem
  readonly layout: Layout
  readonly space: Space
  /** From 0 to 1, 1 excluded. */
  readonly random: () => number
  /** Up to `count` keys that this process has not used for longest, of those it remembers. */
  readonly leastUsed: (count: number) => readonly string[]
  /** When this process last used the key, milliseconds since the epoch; undefined if it does not remember. */
  readonly lastUse: (keyHash: string) => number | undefined
  /** Removes all or, if that frees `wantedBytes`, the older part of a key; resolves to the bytes freed. */
  readonly evict: (keyHash: string, wantedBytes: number) => Promise<number>
  readonly onError: (error: unknown) => void
}

/** Makes room in the background: the least recently used of a random sample leaves, until there is no shortage. */
export interface Evictor {
  /** Starts unless it is running. `extraBytes` are to be freed whatever the account says (the volume is full). */
  wake(extraBytes?: number): void
  /** Stops after the key under way. */
  stop(): Promise<void>
}

interface Candidate {
  readonly keyHash: string
  readonly usedAt: number
}

/** Keys looked at before one leaves: with 16 it is, 19 times in 20, among the least used sixth of all. */
const sampleKeys = 16

/** The least used of earlier samples compete with the new ones, which makes the choice far better at no cost. */
const poolKeys = 32

/** Keys looked at while the pool still has candidates. */
const topUpKeys = 5

/** Random directories tried for one sample: small caches leave most of them without anything. */
const maxTries = 32

/** Samples in a row that freed nothing (gone already, busy, broken) before those who wait are refused. */
const maxMisses = 12

/** Keys taken from one directory. */
const keysPerBucket = 8

export function createEvictor(options: EvictorOptions): Evictor {
  const { fs, layout, space, random, leastUsed, lastUse, evict, onError } = options
  let pool: Candidate[] = []
  let extra = 0
  let running: Promise<void> | undefined
  let stopped = false

  const pick = <T>(items: readonly T[]): T | undefined => items[Math.floor(random() * items.length)]
  const names = async (path: string, accept: (name: string) => boolean): Promise<string[]> => {
    try {
      return (await fs.list(path)).filter(accept)
    } catch (error) {
      if (!isMissing(error)) onError(error)
      return []
    }
  }

  /** When the key was last used by anyone, as far as record and memory tell; 0 if it has no record. */
  const usedAt = async (keyHash: string): Promise<number> => {
    const known = lastUse(keyHash) ?? 0
    try {
      const stat = await fs.stat(layout.record(keyHash))
      return Math.max(known, stat.accessedAt, stat.modifiedAt)
    } catch (error) {
      if (!isMissing(error)) onError(error)
      return known
    }
  }

  /** Resolves to whether the key was not in the pool yet. */
  const add = async (keyHash: string): Promise<boolean> => {
    if (pool.some((candidate) => candidate.keyHash === keyHash)) return false
    pool.push({ keyHash, usedAt: await usedAt(keyHash) })
    return true
  }
  const sample = async (): Promise<void> => {
    const wanted = pool.length === 0 ? sampleKeys : topUpKeys
    for (const keyHash of leastUsed(topUpKeys)) await add(keyHash)
    const shards = await names(layout.root, isShardName)
    let seen = 0
    for (let tries = 0; tries < maxTries && seen < wanted; tries++) {
      const shard = pick(shards)
      if (shard === undefined) break
      const bucket = pick(await names(layout.shard(shard), isShardName))
      if (bucket === undefined) continue
      const keys = await names(layout.bucket(shard, bucket), isKeyHash)
      const first = Math.floor(random() * keys.length)
      const some = [...keys.slice(first), ...keys.slice(0, first)].slice(0, keysPerBucket)
      for (const keyHash of some) if (await add(keyHash)) seen++
    }
    pool.sort((a, b) => a.usedAt - b.usedAt)
    pool = pool.slice(0, poolKeys)
  }

  /** The least used candidate; one that was used since it was sampled goes back with its new time. */
  const choose = (): Candidate | undefined => {
    for (;;) {
      const candidate = pool.shift()
      if (candidate === undefined) return undefined
      const now = lastUse(candidate.keyHash) ?? 0
      if (now <= candidate.usedAt) return candidate
      pool.push({ keyHash: candidate.keyHash, usedAt: now })
      pool.sort((a, b) => a.usedAt - b.usedAt)
    }
  }

  const run = async (): Promise<void> => {
    let misses = 0
    while (!stopped && (space.shortage > 0 || extra > 0)) {
      await sample()
      const victim = choose()
      const freed = victim === undefined ? 0 : await evict(victim.keyHash, Math.max(space.shortage, extra))
      extra = Math.max(0, extra - freed)
      misses = freed > 0 ? 0 : misses + 1
      if (misses < maxMisses) continue
      extra = 0
      space.giveUp()
      return
    }
  }

  const wake = (extraBytes = 0): void => {
    extra += extraBytes
    if (stopped) space.giveUp()
    if (stopped || running !== undefined) return
    running = run()
      .catch(onError)
      .then(() => {
        running = undefined
        if (space.hasWaiting && space.shortage > 0) wake()
      })
  }

  return {
    wake,
    async stop() {
      stopped = true
      await running
      space.giveUp()
    },
  }
}
