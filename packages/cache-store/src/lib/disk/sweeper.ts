import { temporariesAccount } from './accounts.ts'
import type { Census } from './census.ts'
import { directoryCharge, directoryChargeOf, fileCharge } from './charge.ts'
import { type FileStat, type FileSystem, isMissing } from './file-system.ts'
import { isGeneration, isKeyHash, isShardName, type Layout, parseExtentName, recordName, shards } from './layout.ts'
import { createRests } from './rests.ts'
import type { Space } from './space.ts'

export interface SweeperOptions {
  readonly fs: FileSystem
  readonly layout: Layout
  readonly space: Space
  readonly census: Census
  /** Whether this instance is the one to count. */
  readonly isCounter: () => boolean
  /** Makes the count the base of the shared account. */
  readonly settle: (baseBytes: number, changes: number) => Promise<void>
  /** Milliseconds since the epoch. */
  readonly now: () => number
  /** Waits. Bounds the rate of the sweep. */
  readonly pause: (delayMs: number) => Promise<void>
  /** Whether a temporary file is covered by the claim of an instance. */
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

/** Time between two looks for what others have told. */
const reportPauseMs = 3000

export function createSweeper(options: SweeperOptions): Sweeper {
  const { fs, layout, space, census, isCounter, settle, now, pause, isReserved, staleMs, tidy, onError } = options
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
  /** 0: gone, or the file system cannot tell. */
  const chargeOf = async (path: string, charge: (stat: FileStat) => number): Promise<number> => {
    try {
      return charge(await fs.stat(path))
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
    let bytes = await chargeOf(layout.key(keyHash), directoryChargeOf)
    for (const name of files) bytes += await chargeOf(layout.file(keyHash, name), fileChargeOf)
    await step()
    return bytes
  }
  const countBucket = async (shard: string, bucket: string): Promise<number> => {
    const path = layout.bucket(shard, bucket)
    let bytes = await chargeOf(path, directoryChargeOf)
    for (const keyHash of (await names(path)).filter(isKeyHash)) {
      if (stopped) return bytes
      bytes += await countKey(keyHash)
    }
    return bytes
  }
  const countShard = async (shard: string): Promise<number> => {
    let bytes = await chargeOf(layout.shard(shard), directoryChargeOf)
    for (const bucket of (await names(layout.shard(shard))).filter(isShardName)) {
      bytes += await countBucket(shard, bucket)
    }
    return bytes
  }
  /** Removes a file nobody has written to for long; resolves to its charge otherwise. */
  const removeStale = async (path: string, isCharged: boolean): Promise<number> => {
    try {
      const stat = await fs.stat(path)
      if (stat.modifiedAt >= now() - staleMs) return fileChargeOf(stat)
      await fs.removeFile(path)
      // With a second name the bytes stay.
      if (isCharged && stat.links === 1) space.free(temporariesAccount, fileChargeOf(stat))
    } catch (error) {
      if (!isMissing(error)) onError(error)
    }
    return 0
  }
  const countTemporaries = async (): Promise<number> => {
    let bytes = 0
    for (const path of [layout.temporaries, layout.reports, layout.ledger, layout.bucketMarks]) {
      bytes += await chargeOf(path, (stat) => directoryChargeOf(stat) - directoryCharge)
    }
    for (const name of await names(layout.temporaries)) {
      if (!isReserved(name)) bytes += await removeStale(layout.temporary(name), true)
    }
    for (const name of await names(layout.reports)) {
      if (!isReserved(`${name}-`)) await removeStale(layout.report(name), false)
    }
    for (const name of (await names(layout.ledger)).filter((other) => !isGeneration(other))) {
      if (!isReserved(name)) await removeStale(layout.ledgerTemporary(name), false)
    }
    return bytes
  }
  const count = async (account: number, work: () => Promise<number>): Promise<void> => {
    census.open(account)
    const bytes = await work()
    if (!stopped) census.close(account, bytes)
  }
  /** Resolves to whether the base is now what has been counted. */
  const walk = async (): Promise<boolean> => {
    census.begin()
    await count(temporariesAccount, countTemporaries)
    for (const [account, shard] of shards.entries()) {
      // Of a small cache most first-level directories do not exist.
      if (!stopped) await count(account, () => countShard(shard))
    }
    while (!stopped && census.result().kind === 'waiting') await rest(reportPauseMs)
    const result = census.result()
    if (stopped || result.kind !== 'base') return false
    await settle(result.baseBytes, result.changes)
    return true
  }

  return {
    start() {
      running ??= (async () => {
        while (!stopped) {
          stepStart = now()
          try {
            if (isCounter() && (await walk())) duty = laterDuty
          } catch (error) {
            onError(error)
          }
          await rest(walkPauseMs)
        }
      })()
    },
    async stop() {
      stopped = true
      rests.end()
      await running
    },
  }
}

function fileChargeOf(stat: FileStat): number {
  return fileCharge(stat.size)
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
