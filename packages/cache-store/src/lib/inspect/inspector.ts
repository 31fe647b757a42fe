import { randomUUID } from 'node:crypto'
import { findObjectSum } from '@s3proxy/protocol'
import { createDirectory } from '../disk/directory.ts'
import { describeTrouble } from '../disk/directory-trouble.ts'
import { fileExtent } from '../disk/disk-extent.ts'
import { createFence } from '../disk/fence.ts'
import { type FileSystem, isMissing } from '../disk/file-system.ts'
import { createLayout, hashKey, representationId } from '../disk/layout.ts'
import { createLedger } from '../disk/ledger.ts'
import { createLoader } from '../disk/load.ts'
import { type RefusedDirectory, recogniseDirectory } from '../disk/marker.ts'
import { nodeFileSystem } from '../disk/node-file-system.ts'
import { tellOfPurge } from '../disk/reports.ts'
import { verifyExtent } from '../disk/verify-extent.ts'
import { walkedShare, walkKeys } from '../disk/walk-keys.ts'
import { toStoreError } from '../store-error.ts'
import { createSumDigest } from '../sums/sum-digest.ts'
import type { Damage, KeyReport } from './key-report.ts'
import { surveyKey } from './survey-key.ts'

/** Where to look. */
export interface InspectorOptions {
  readonly directory: string
  /** Milliseconds since the epoch. Default `Date.now`. */
  readonly now?: () => number
  /** Default: the real one. */
  readonly fs?: FileSystem
}

/** What became of opening a directory. */
export type InspectorOpening =
  | { readonly kind: 'opened'; readonly inspector: Inspector }
  | { readonly kind: 'refused'; readonly reason: RefusedDirectory | 'absent'; readonly message: string }

/**
 * A look at a cache directory from outside, whether processes serve from it or not. Nothing is changed but by `remove`
 * and `repair`; those are safe beside running instances: they see at most a miss. Rejects with store errors.
 */
export interface Inspector {
  /** Every key, one after the other, in the order of their hashes; `share` is how far the walk has come, 0 to 1. */
  keys(): AsyncGenerator<{ readonly report: KeyReport; readonly share: number }>
  /** One key; undefined if nothing of it is there. */
  stat(key: string): Promise<KeyReport | undefined>
  /** Reads everything of a key against its checksums. */
  verify(report: KeyReport, options?: VerifyOptions): Promise<readonly Damage[]>
  /** Removes a key; resolves to the bytes freed. */
  remove(keyHash: string): Promise<number>
  /** Removes what {@link Inspector.verify} found; resolves to the bytes freed. */
  repair(report: KeyReport, damage: readonly Damage[]): Promise<number>
  /**
   * Ends the work. If anything was removed, running instances are told: within a second or so they have forgotten what
   * they knew, in memory too, and count the room as free.
   */
  close(): Promise<void>
}

export interface VerifyOptions {
  /**
   * Whether entity tags that look like an MD5 are compared with the bytes of whole objects too; declared checksums
   * always are. Some stores have tags that only look so. Default false.
   */
  readonly entityTags?: boolean
  /** Called with the bytes read. */
  readonly onRead?: (bytes: number) => void
}

/** Opens a cache directory for inspection. Creates nothing. */
export async function openInspector(options: InspectorOptions): Promise<InspectorOpening> {
  const { directory, fs = nodeFileSystem, now = Date.now } = options
  const layout = createLayout(directory)
  try {
    const recognised = await recogniseDirectory(fs, layout)
    if (recognised.kind === 'refused') return recognised
  } catch (error) {
    if (!isMissing(error)) return { kind: 'refused', ...describeTrouble(directory, error) }
    return { kind: 'refused', reason: 'absent', message: `${directory} does not exist` }
  }
  const onError = (error: unknown): void => {
    throw toStoreError(error, 'the file system failed')
  }
  const load = createLoader({
    fs,
    layout,
    now,
    bootedAt: () => 0,
    maxExtentsPerKey: Number.POSITIVE_INFINITY,
    onError: () => undefined,
  })
  const survey = { fs, layout, load }
  const files = createDirectory({
    fs: createFence(fs, () => undefined),
    layout,
    handles: { drop: async (_path, onClosed) => onClosed() },
    space: { linger: () => undefined, free: () => undefined, released: () => undefined },
    temporaryName: () => `inspect-${randomUUID()}`,
    onError,
  })
  let freedBytes = 0
  let removed = 0
  const noteRemoval = (bytes: number): number => {
    removed++
    freedBytes += bytes
    return bytes
  }
  const noteFreed = async (): Promise<void> => {
    const id = randomUUID()
    const temporaryName = (): string => `inspect-${randomUUID()}`
    const unknown = { baseBytes: 0, counted: false, changes: -1, claims: new Map() }
    const ledger = createLedger({ fs, layout, life: id, temporaryName, unknown, onError })
    // A walk under way may have seen what is gone.
    await ledger.update((before) =>
      before === unknown
        ? undefined
        : { ...before, baseBytes: before.baseBytes - freedBytes, changes: before.changes + 1 },
    )
    await tellOfPurge(fs, layout, id)
  }
  const verifyRecord = async (report: KeyReport & { readonly kind: 'entry' }): Promise<Uint8Array | undefined> => {
    const loaded = await load(report.keyHash)
    return loaded.kind === 'entry' ? loaded.body : undefined
  }

  const inspector: Inspector = {
    async *keys() {
      try {
        for await (const keyHash of walkKeys({ fs, layout })) {
          const report = await surveyKey(survey, keyHash)
          if (report !== undefined) yield { report, share: walkedShare(keyHash) }
        }
      } catch (error) {
        throw toStoreError(error, cannotRead)
      }
    },
    stat: (key) => translated(cannotRead, surveyKey(survey, hashKey(key))),
    async verify(report, { entityTags = false, onRead = () => undefined } = {}) {
      if (report.kind === 'unreadable') return [{ name: undefined, message: report.message }]
      const { representation, keyHash } = report
      const { etag, headers, size } = representation
      const damage: Damage[] = []
      const sum = findObjectSum(etag, headers, ({ source }) => entityTags || source === 'checksum')
      for (const { name, start, end, packedBytes } of report.extents) {
        const digest =
          sum !== undefined && start === 0 && end === size ? await createSumDigest(sum.algorithm) : undefined
        const onBytes = (bytes: Uint8Array): void => {
          digest?.update(bytes)
          onRead(bytes.length)
        }
        try {
          if (name === undefined) {
            const body = await verifyRecord(report)
            if (body === undefined) continue
            onBytes(body)
          } else {
            const extent = fileExtent(keyHash, representationId(representation), { start, end }, 0, packedBytes)
            await verifyExtent({ fs, path: layout.file(keyHash, name), extent, representation, onBytes })
          }
          if (digest !== undefined && digest.digest() !== sum?.hex) {
            damage.push({ name, message: `the ${sum?.algorithm} is not the one S3 gave` })
          }
        } catch (cause) {
          const error = toStoreError(cause, 'an extent cannot be read')
          if (error.reason !== 'gone') damage.push({ name, message: error.message })
        }
      }
      return damage
    },
    async remove(keyHash) {
      return noteRemoval(await translated(cannotChange, files.wipe(keyHash)))
    },
    async repair(report, damage) {
      if (damage.length === 0) return 0
      if (damage.some(({ name }) => name === undefined)) return await inspector.remove(report.keyHash)
      const names = damage.map(({ name }) => name as string)
      return noteRemoval(await translated(cannotChange, files.removeNamed(report.keyHash, names)))
    },
    async close() {
      if (removed > 0) await translated(cannotChange, noteFreed())
    },
  }
  return { kind: 'opened', inspector }
}

const cannotRead = 'the cache directory cannot be read'
const cannotChange = 'the cache directory cannot be changed'

/** What the file system says becomes a store error. */
async function translated<T>(message: string, work: Promise<T>): Promise<T> {
  try {
    return await work
  } catch (error) {
    throw toStoreError(error, message)
  }
}
