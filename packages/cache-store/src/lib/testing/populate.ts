import { closeSync, futimesSync, mkdirSync, openSync, statSync, writeSync } from 'node:fs'
import { setImmediate as nextTurn } from 'node:timers/promises'
import type { Representation } from '../cache-store.ts'
import { directoryCharge, directoryChargeOf, fileCharge } from '../disk/charge.ts'
import { openDiskTier } from '../disk/disk-tier.ts'
import { createLayout, hashKey } from '../disk/layout.ts'
import { createLedger } from '../disk/ledger.ts'
import { nodeFileSystem } from '../disk/node-file-system.ts'
import { encodeRecord } from '../record.ts'

/** A small whole object, as the disk tier keeps it inside its record. */
export interface SmallObject {
  readonly representation: Representation
  /** As long as the representation says. */
  readonly body: Uint8Array
  /** Milliseconds since the epoch. */
  readonly usedAt: number
  readonly validatedAt: number
}

export interface PopulateOptions {
  /** An empty directory, or one that does not exist. */
  readonly directory: string
  readonly count: number
  /** Different keys for different indices. */
  readonly object: (index: number) => SmallObject
  /** Called now and then with the number of objects written; signals are heard then. */
  readonly onProgress?: (done: number) => void
}

/** Objects between two calls of `onProgress`. */
const progressStep = 5000

/**
 * Fills a cache directory with small objects: the files that filling a disk tier with them leaves behind, several times as
 * fast, since nothing is written twice and nobody else is there. Resolves to the bytes charged for them.
 */
export async function populate({ directory, count, object, onProgress }: PopulateOptions): Promise<number> {
  const opening = await openDiskTier({ directory, maxBytes: Number.MAX_SAFE_INTEGER })
  if (opening.kind === 'refused') throw new Error(opening.message)
  await opening.store.close()
  const layout = createLayout(directory)
  /** The directories above the keys'. */
  const above = new Set<string>()
  let usedBytes = 0
  for (let index = 0; index < count; index++) {
    const { representation, body, usedAt, validatedAt } = object(index)
    const keyHash = hashKey(representation.key)
    const bucket = layout.bucketOf(keyHash)
    if (!above.has(bucket)) mkdirSync(bucket, { recursive: true, mode: 0o700 })
    above.add(bucket).add(layout.shardOf(keyHash))
    mkdirSync(layout.key(keyHash), { mode: 0o700 })
    const record = encodeRecord({ representation, body })
    const file = openSync(layout.record(keyHash), 'wx', 0o600)
    writeSync(file, record)
    futimesSync(file, usedAt / 1000, validatedAt / 1000)
    closeSync(file)
    usedBytes += directoryCharge + fileCharge(record.length)
    if ((index + 1) % progressStep > 0) continue
    onProgress?.(index + 1)
    await nextTurn()
  }
  for (const path of above) usedBytes += directoryChargeOf({ allocatedBytes: statSync(path).blocks * 512 })
  await settle(directory, usedBytes)
  return usedBytes
}

/** Makes `baseBytes` what the account of the directory begins with. */
async function settle(directory: string, baseBytes: number): Promise<void> {
  const ledger = createLedger({
    fs: nodeFileSystem,
    layout: createLayout(directory),
    life: 'populate',
    temporaryName: () => 'populate',
    unknown: { baseBytes: 0, counted: true, changes: 0, claims: new Map() },
    onError(error) {
      throw error
    },
  })
  await ledger.update((before) => ({ ...before, baseBytes, changes: before.changes + 1 }))
}
