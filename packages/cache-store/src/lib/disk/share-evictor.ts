import type { KeySampler } from './sample-keys.ts'
import type { Score } from './score.ts'
import type { ShareAccount } from './share-account.ts'
import { createSingleRun } from './single-run.ts'
import { createVictimPool } from './victim-pool.ts'

export interface ShareEvictorOptions {
  readonly account: Pick<ShareAccount, 'shortage' | 'giveUp' | 'hasWaiting'>
  readonly sample: KeySampler
  /** What a key of the share that may leave is worth; undefined: it is none, or is pinned. */
  readonly look: (keyHash: string) => Promise<Score | undefined>
  /** What a key is worth as far as this process remembers. */
  readonly scoreOf: (keyHash: string) => Score | undefined
  /** Removes all or, if that frees `wantedBytes`, the older part of a key; resolves to the bytes freed. */
  readonly evict: (keyHash: string, wantedBytes: number) => Promise<number>
  readonly onError: (error: unknown) => void
}

/** Makes room in a share of the cache, by what leaves of the share itself. */
export interface ShareEvictor {
  /** A key that belongs to the share. */
  offer(keyHash: string, score: Score): void
  /** Starts unless it is running. */
  wake(): void
  stop(): Promise<void>
}

/** Candidates remembered per share: most of the directory are other keys, so that a sample would rarely meet one. */
const candidates = 256

/** Below so many of them random keys are looked at too. */
const fewCandidates = 16

/** Rounds that freed nothing before those who wait are refused. */
const maxMisses = 4

export function createShareEvictor(options: ShareEvictorOptions): ShareEvictor {
  const { account, sample, look, scoreOf, evict, onError } = options
  const pool = createVictimPool<string>(candidates)

  const visit = async (keyHash: string): Promise<boolean> => {
    if (pool.has(keyHash)) return false
    const score = await look(keyHash)
    if (score === undefined) return false
    pool.add(keyHash, score)
    return true
  }
  const evictOne = async (): Promise<number> => {
    if (pool.size < fewCandidates) await sample(fewCandidates - pool.size, visit)
    for (let victim = pool.take(scoreOf); victim !== undefined; victim = pool.take(scoreOf)) {
      // What was offered long ago may have gone, or be under another rule by now.
      if ((await look(victim.item)) === undefined) continue
      const freed = await evict(victim.item, account.shortage)
      if (freed > 0) return freed
    }
    return 0
  }
  const run = async (isStopped: () => boolean): Promise<void> => {
    for (let misses = 0; !isStopped() && account.shortage > 0; ) {
      misses = (await evictOne()) > 0 ? 0 : misses + 1
      if (misses >= maxMisses) break
    }
    account.giveUp()
  }
  const { wake, stop } = createSingleRun({
    run,
    isWanted: () => account.hasWaiting,
    giveUp: () => account.giveUp(),
    onError,
  })

  return {
    offer(keyHash, score) {
      if (!pool.has(keyHash)) pool.add(keyHash, score)
    },
    wake,
    stop,
  }
}
