import { chargeOfEntry } from './entry-charge.ts'
import type { FileSystem } from './file-system.ts'
import { isKeyHash, isShardName, type Layout, shards as shardNames } from './layout.ts'
import { createListNames } from './list-names.ts'
import type { Loader } from './load.ts'
import { createRests } from './rests.ts'
import type { Shares } from './shares.ts'
import type { SpaceRules } from './space-rules.ts'

export interface ShareCounterOptions {
  readonly fs: FileSystem
  readonly layout: Layout
  readonly rules: SpaceRules
  readonly shares: Pick<Shares, 'beginCount'>
  readonly load: Loader
  /** Milliseconds since the epoch. */
  readonly now: () => number
  /** Waits. */
  readonly pause: (delayMs: number) => Promise<void>
  readonly onError: (error: unknown) => void
}

/**
 * Walks the directory, over and over and slowly, and counts what each share takes: rules change, and others write and remove too.
 * Every record is read for its key. As long as there are no rules it only waits.
 */
export interface ShareCounter {
  start(): void
  stop(): Promise<void>
}

/** Share of the time the first walk may work, and later ones. */
const firstDuty = 0.25
const laterDuty = 0.02

/** Keys between two looks at the clock. */
const keysPerStep = 64

/** Time between two looks whether there are rules, while there are none. */
const rulesPollMs = 10_000

/** Least time between two walks. */
const walkPauseMs = 60_000

export function createShareCounter(options: ShareCounterOptions): ShareCounter {
  const { fs, layout, rules, shares, load, now, pause, onError } = options
  const rests = createRests(pause)
  let stopped = false
  let duty = firstDuty
  let stepStart = 0
  let stepKeys = 0
  let running: Promise<void> | undefined

  const names = createListNames(fs, onError)
  const step = async (): Promise<void> => {
    if (++stepKeys < keysPerStep) return
    await rests.rest((now() - stepStart) * (1 / duty - 1))
    stepStart = now()
    stepKeys = 0
  }
  const countShard = async (shard: string, found: (keyHash: string) => Promise<void>): Promise<void> => {
    for (const bucket of await names(layout.shard(shard), isShardName)) {
      for (const keyHash of await names(layout.bucket(shard, bucket), isKeyHash)) {
        if (stopped) return
        await found(keyHash)
        await step()
      }
    }
  }
  const walk = async (): Promise<void> => {
    stepStart = now()
    for (const [account, shard] of shardNames.entries()) {
      const count = shares.beginCount(account)
      await countShard(shard, async (keyHash) => {
        const loaded = await load(keyHash)
        if (loaded.kind === 'entry') count.found(loaded.entry, chargeOfEntry(loaded.entry))
      })
      if (stopped) return
      count.end()
    }
    duty = laterDuty
  }

  return {
    start() {
      running ??= (async () => {
        while (!stopped) {
          if (rules.any) await walk()
          else duty = firstDuty
          await rests.rest(rules.any ? walkPauseMs : rulesPollMs)
        }
      })().catch(onError)
    },
    async stop() {
      stopped = true
      rests.end()
      await running
    },
  }
}
