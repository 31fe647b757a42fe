import { directoryCharge, fileCharge } from './charge.ts'
import { type FileSystem, isMissing } from './file-system.ts'
import { isKeyHash, isShardName, type Layout, parseExtentName, recordName, shards } from './layout.ts'
import { createRests } from './rests.ts'
import { type Space, temporariesAccount } from './space.ts'

export interface SweeperOptions {
  readonly fs: FileSystem
  readonly layout: Layout
  readonly space: Space
  /** Milliseconds since the epoch. */
  readonly now: () => number
  /** Waits. Bounds the rate of the sweep. */
  readonly pause: (delayMs: number) => Promise<void>
  /** Whether a temporary file is covered by a reservation that is known. */
  readonly isReserved: (temporaryName: string) => boolean
  /** Age from which a temporary file of another instance counts as left behind. */
  readonly staleMs: number
  /** Removes what does not belong in a key's directory. */
  readonly tidy: (keyHash: string) => Promise<void>
  readonly onError: (error: unknown) => void
}

/**
 * Walks the whole directory, over and over and slowly: counts what is there, since other instances write and remove
 * too, and clears what crashes have left.
 */
export interface Sweeper {
  start(): void
  stop(): Promise<void>
}

/** Share of the time the first walk may work: the account rests on an assumption until it is done. */
const firstDuty = 0.25

/** Share of the time later walks may work. */
const laterDuty = 0.02

/** Key directories between two looks at the clock. */
const keysPerStep = 64

/** Least time between two walks. */
const walkPauseMs = 60_000

export function createSweeper(options: SweeperOptions): Sweeper {
  const { fs, layout, space, now, pause, isReserved, staleMs, tidy, onError } = options
  let stopped = false
  const rests = createRests(pause)
  let running: Promise<void> | undefined
  let duty = firstDuty
  let stepStart = 0
  let stepKeys = 0

  const rest = async (delayMs: number): Promise<void> => {
    if (!stopped && delayMs > 0) await rests.rest(delayMs)
    stepStart = now()
    stepKeys = 0
  }
  const step = async (): Promise<void> => {
    if (++stepKeys >= keysPerStep) await rest((now() - stepStart) * (1 / duty - 1))
  }
  const names = async (path: string): Promise<string[]> => {
    try {
      return await fs.list(path)
    } catch (error) {
      if (!isMissing(error)) onError(error)
      return []
    }
  }
  const sizeOf = async (path: string): Promise<number> => {
    try {
      return fileCharge((await fs.stat(path)).size)
    } catch (error) {
      if (!isMissing(error)) onError(error)
      return 0
    }
  }

  const countKey = async (keyHash: string): Promise<number> => {
    let files = await names(layout.key(keyHash))
    if (isUntidy(files)) {
      await tidy(keyHash)
      files = await names(layout.key(keyHash))
    }
    let bytes = files.length === 0 ? 0 : directoryCharge
    for (const name of files) bytes += await sizeOf(layout.file(keyHash, name))
    await step()
    return bytes
  }
  const countShard = async (shard: string): Promise<number> => {
    let bytes = 0
    for (const bucket of (await names(layout.shard(shard))).filter(isShardName)) {
      for (const keyHash of (await names(layout.bucket(shard, bucket))).filter(isKeyHash)) {
        if (stopped) return bytes
        bytes += await countKey(keyHash)
      }
    }
    return bytes
  }
  /** Removes a file nobody has written to for long; resolves to its charge otherwise. */
  const removeStale = async (path: string): Promise<number> => {
    try {
      const stat = await fs.stat(path)
      if (stat.modifiedAt >= now() - staleMs) return fileCharge(stat.size)
      await fs.removeFile(path)
    } catch (error) {
      if (!isMissing(error)) onError(error)
    }
    return 0
  }
  const countTemporaries = async (): Promise<number> => {
    let bytes = 0
    for (const name of await names(layout.temporaries)) {
      if (!isReserved(name)) bytes += await removeStale(layout.temporary(name))
    }
    for (const name of await names(layout.reports)) await removeStale(layout.report(name))
    return bytes
  }
  const walk = async (): Promise<void> => {
    space.beginWalk()
    space.beginCount(temporariesAccount)
    space.count(temporariesAccount, await countTemporaries())
    // Of a small cache most first-level directories do not exist. What appears later is counted as it is added.
    for (const account of shards.keys()) space.beginCount(account)
    const present = new Set(await names(layout.root))
    for (const [account, shard] of shards.entries()) {
      if (!present.has(shard)) {
        space.count(account, 0)
        continue
      }
      space.beginCount(account)
      const bytes = await countShard(shard)
      if (stopped) return
      space.count(account, bytes)
    }
    space.endWalk()
  }

  return {
    start() {
      running ??= (async () => {
        while (!stopped) {
          stepStart = now()
          await walk()
          duty = laterDuty
          await rest(walkPauseMs)
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

/** Whether a key's directory holds something that can only be a leftover. */
function isUntidy(files: readonly string[]): boolean {
  const ids = new Set<string | undefined>()
  let records = 0
  for (const name of files) {
    if (name === recordName) records++
    else ids.add(parseExtentName(name)?.id)
  }
  return records === 0 || ids.size > 1 || ids.has(undefined)
}
