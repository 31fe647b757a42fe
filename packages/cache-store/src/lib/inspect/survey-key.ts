import type { ByteRange } from '@s3proxy/protocol'
import { directoryCharge, fileCharge } from '../disk/charge.ts'
import type { DiskEntry } from '../disk/disk-extent.ts'
import { type FileSystem, isMissing } from '../disk/file-system.ts'
import { type Layout, recordName } from '../disk/layout.ts'
import type { Loader } from '../disk/load.ts'
import { storeError } from '../store-error.ts'
import type { ExtentReport, KeyReport } from './key-report.ts'

/** What a survey reads from. */
export interface SurveyOptions {
  readonly fs: FileSystem
  readonly layout: Layout
  readonly load: Loader
}

/** Looks at a key's directory; undefined if there is none. Rejects if the file system fails. */
export async function surveyKey(options: SurveyOptions, keyHash: string): Promise<KeyReport | undefined> {
  const { load } = options
  const sizes = await fileSizes(options, keyHash)
  if (sizes === undefined) return undefined
  let diskBytes = directoryCharge
  for (const size of sizes.values()) diskBytes += fileCharge(size)
  const loaded = await load(keyHash)
  switch (loaded.kind) {
    case 'failed':
      throw storeError('io', 'the directory of a key cannot be read', loaded.error)
    case 'corrupt':
      return { kind: 'unreadable', keyHash, reason: 'corrupt', message: `record: ${loaded.reason}`, diskBytes }
    case 'absent':
      return { kind: 'unreadable', keyHash, reason: 'no-record', message: 'extents without a record', diskBytes }
    case 'entry':
      return describe(loaded.entry, sizes, diskBytes)
  }
}

function describe(entry: DiskEntry, sizes: ReadonlyMap<string, number>, diskBytes: number): KeyReport {
  const extents = entry.extents
    .map(({ name, start, end, packedBytes }): ExtentReport => {
      return { name, start, end, packedBytes, fileBytes: name === undefined ? end - start : (sizes.get(name) ?? 0) }
    })
    .sort((a, b) => a.start - b.start || a.end - b.end)
  const named = extents.filter(({ name }) => name !== undefined).length
  return {
    kind: 'entry',
    keyHash: entry.keyHash,
    representation: entry.representation,
    validatedAt: entry.found.held.validatedAt,
    usedAt: Math.min(entry.recordedScore, entry.loadedAt),
    extents,
    heldBytes: coveredBytes(extents),
    leftovers: [...sizes.keys()].filter((name) => name !== recordName).length - named,
    diskBytes,
  }
}

/** Bytes in at least one of `ranges`, which are ordered by their starts. */
export function coveredBytes(ranges: readonly ByteRange[]): number {
  let covered = 0
  let position = 0
  for (const { start, end } of ranges) {
    if (end <= position) continue
    covered += end - Math.max(start, position)
    position = end
  }
  return covered
}

async function fileSizes({ fs, layout }: SurveyOptions, keyHash: string): Promise<Map<string, number> | undefined> {
  const sizes = new Map<string, number>()
  try {
    for (const name of await fs.list(layout.key(keyHash))) {
      const size = await sizeOf(fs, layout.file(keyHash, name))
      if (size !== undefined) sizes.set(name, size)
    }
  } catch (error) {
    if (isMissing(error)) return undefined
    throw error
  }
  return sizes
}

async function sizeOf(fs: FileSystem, path: string): Promise<number | undefined> {
  try {
    return (await fs.stat(path)).size
  } catch (error) {
    if (isMissing(error)) return undefined
    throw error
  }
}
