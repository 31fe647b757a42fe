import { type FileSystem, isMissing } from './file-system.ts'
import type { HalfLife } from './half-life.ts'
import type { Layout } from './layout.ts'
import type { KeySampler } from './sample-keys.ts'
import { neverUsed, type Score } from './score.ts'
import { createSingleRun } from './single-run.ts'
import type { Space } from './space.ts'
import { createVictimPool } from './victim-pool.ts'

export interface EvictorOptions {
  readonly fs: FileSystem
  readonly layout: Layout
  readonly space: Pick<Space, 'shortage' | 'hasWaiting' | 'giveUp'>
  readonly sample: KeySampler
  /** Whether the key must stay. */
  readonly isPinned: (keyHash: string) => Promise<boolean>
  /** Up to `count` keys that this process has not used for longest, of those it remembers. */
  readonly leastUsed: (count: number) => readonly string[]
  /** What the key is worth as far as this process knows; undefined if it does not remember the key. */
  readonly scoreOf: (keyHash: string) => Score | undefined
  /** Learns how long things stay that nobody uses. */
  readonly halfLife: HalfLife
  /** Milliseconds since the epoch. */
  readonly now: () => number
  /** Removes all or, if that frees `wantedBytes`, the older part of a key; resolves to the bytes freed. */
  readonly evict: (keyHash: string, wantedBytes: number) => Promise<number>
  readonly onError: (error: unknown) => void
}

/** Makes room in the background: what is worth least of a random sample leaves, until there is no shortage. */
export interface Evictor {
  /** Starts unless it is running. So many bytes at least are to be freed whatever the account says (the volume is full). */
  wake(extraBytes?: number): void
  /** Stops after the key under way. */
  stop(): Promise<void>
}

/** Keys this process has not used for long, that compete with each sample. */
const leastUsedKeys = 5

/**
 * Half-lives a score can be ahead of the clock: 65,536 uses at once. It also bounds for how long clocks that were wrong, or uses from
 * before the cache's pace quickened, keep a key.
 */
const maxLead = 16

/** Samples in a row that freed nothing (gone already, busy, broken) before those who wait are refused. */
const maxMisses = 12

export function createEvictor(options: EvictorOptions): Evictor {
  const { fs, layout, space, sample, isPinned, leastUsed, scoreOf, halfLife, now, evict, onError } = options
  const pool = createVictimPool<string>()
  let extra = 0

  /** A score as it counts: none lies further ahead than uses could have brought it. */
  const credible = (score: Score): Score => Math.min(score, now() + maxLead * halfLife.ms)
  const known = (keyHash: string): Score | undefined => {
    const score = scoreOf(keyHash)
    return score === undefined ? undefined : credible(score)
  }
  /** What the key is worth, as far as record and memory tell. */
  const look = async (keyHash: string): Promise<Score> => {
    const remembered = known(keyHash) ?? neverUsed
    try {
      const stat = await fs.stat(layout.record(keyHash))
      return Math.max(remembered, credible(Math.max(stat.accessedAt, stat.modifiedAt)))
    } catch (error) {
      if (!isMissing(error)) onError(error)
      return remembered
    }
  }

  /** Resolves to whether the key may leave, and was not in the pool yet. */
  const add = async (keyHash: string): Promise<boolean> => {
    if (pool.has(keyHash) || (await isPinned(keyHash))) return false
    pool.add(keyHash, await look(keyHash))
    return true
  }
  const topUp = async (): Promise<void> => {
    const { wanted } = pool
    for (const keyHash of leastUsed(leastUsedKeys)) await add(keyHash)
    await sample(wanted, add)
  }
  /** Lets one leave; resolves to the bytes that has freed. */
  const evictOne = async (): Promise<number> => {
    await topUp()
    const victim = pool.take(known)
    if (victim === undefined) return 0
    const freed = await evict(victim.item, Math.max(space.shortage, extra))
    // A key without a record is a leftover, and says nothing.
    if (freed > 0 && victim.score !== neverUsed) halfLife.evicted(now() - victim.score)
    return freed
  }

  const run = async (isStopped: () => boolean): Promise<void> => {
    let misses = 0
    while (!isStopped() && (space.shortage > 0 || extra > 0)) {
      const freed = await evictOne()
      extra = Math.max(0, extra - freed)
      misses = freed > 0 ? 0 : misses + 1
      if (misses < maxMisses) continue
      extra = 0
      space.giveUp()
      return
    }
  }

  const single = createSingleRun({
    run,
    isWanted: () => space.hasWaiting && space.shortage > 0,
    giveUp: () => space.giveUp(),
    onError,
  })

  return {
    wake(extraBytes = 0) {
      extra = Math.max(extra, extraBytes)
      single.wake()
    },
    stop: single.stop,
  }
}
