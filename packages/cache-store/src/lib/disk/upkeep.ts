import type { DiskEntry } from './disk-extent.ts'
import { createRests } from './rests.ts'

/** Something done to a key in the background to hold it better: merged, compressed. */
export interface UpkeepJob {
  /** Whether the entry is worth a look. Cheap: asked after every publication. */
  wants(entry: DiskEntry): boolean
  /** Does one step; resolves to whether there may be more to do. Never rejects. */
  step(keyHash: string, pace: Pace): Promise<boolean>
}

/** How work in the background makes way for readers. */
export interface Pace {
  /** Whether to end as soon as possible. */
  readonly stopped: boolean
  /** To be awaited after every so many bytes. */
  moved(bytes: number): Promise<void> | undefined
}

export interface UpkeepOptions {
  /** In the order in which they are done to a key. */
  readonly jobs: readonly UpkeepJob[]
  /** Waits. */
  readonly pause: (delayMs: number) => Promise<void>
}

/** Does jobs to keys, one at a time, some time after they have changed. */
export interface Upkeep {
  /** The entry has changed. */
  note(entry: DiskEntry): void
  /** Ends what is under way. */
  stop(): Promise<void>
}

/** Keys waiting. Beyond this newcomers are left as they are until they change again. */
const maxQueued = 1000

/** Bursts of ranges come in first, then they are dealt with. */
const settleMs = 2000

/** A pause after so many bytes keeps the disk for readers: some 100 MiB/s. */
const stepBytes = 1 << 20
const stepPauseMs = 10

export function createUpkeep({ jobs, pause }: UpkeepOptions): Upkeep {
  const queue = new Set<string>()
  let stopped = false
  const { rest, end } = createRests(pause)
  let running: Promise<void> | undefined
  let sinceRest = 0

  const pace: Pace = {
    get stopped() {
      return stopped
    },
    moved(bytes) {
      sinceRest += bytes
      if (sinceRest < stepBytes) return undefined
      sinceRest = 0
      return rest(stepPauseMs)
    },
  }
  const run = async (): Promise<void> => {
    await rest(settleMs)
    for (const keyHash of queue) {
      queue.delete(keyHash)
      for (const job of jobs) while (!stopped && (await job.step(keyHash, pace)));
      if (stopped) return
    }
  }

  return {
    note(entry) {
      if (stopped || queue.size >= maxQueued || !jobs.some((job) => job.wants(entry))) return
      queue.add(entry.keyHash)
      running ??= run().finally(() => {
        running = undefined
      })
    },
    async stop() {
      stopped = true
      end()
      await running
    },
  }
}
