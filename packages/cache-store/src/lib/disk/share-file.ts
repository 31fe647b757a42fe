import { readFully, writeFully } from './file-io.ts'
import { type FileSystem, isMissing } from './file-system.ts'
import type { Layout } from './layout.ts'
import { createRests } from './rests.ts'
import type { ShareHint } from './shares.ts'

export interface ShareFileOptions {
  readonly fs: FileSystem
  readonly layout: Layout
  readonly hint: () => ShareHint
  readonly temporaryName: () => string
  /** Waits. */
  readonly pause: (delayMs: number) => Promise<void>
  /** Removes a file; never rejects. */
  readonly discard: (path: string) => Promise<void>
  readonly onError: (error: unknown) => void
}

/** Keeps a hint on disk of the bytes each share takes, so that a restart need not count first. */
export interface ShareFile {
  start(): void
  /** Writes the last word. */
  stop(): Promise<void>
}

/** Time between two looks whether the hint still holds: a crash forgets what shares have grown by since. */
const tickMs = 10_000

/** Longer hints are not kept, since they are not in the account of the directory: what they say is counted again after a start. */
const maxFileBytes = 4096

const nothing: ShareHint = { pinnedBytes: 0, quotas: new Map() }

/** The hint of an earlier life; nothing if there is none that can be read. */
export async function readShareHint(fs: FileSystem, layout: Layout): Promise<ShareHint> {
  try {
    const file = await fs.open(layout.sharesFile, 'read')
    try {
      const { size } = await file.stat()
      if (size > maxFileBytes) return nothing
      const buffer = Buffer.alloc(size)
      return parseHint(buffer.toString('utf8', 0, await readFully(file, buffer, 0)))
    } finally {
      await file.close()
    }
  } catch (error) {
    if (isMissing(error)) return nothing
    throw error
  }
}

function parseHint(text: string): ShareHint {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return nothing
  }
  if (typeof value !== 'object' || value === null) return nothing
  const { pinnedBytes, quotas } = value as { readonly pinnedBytes?: unknown; readonly quotas?: unknown }
  const listed = typeof quotas === 'object' && quotas !== null ? Object.entries(quotas) : []
  return { pinnedBytes: isBytes(pinnedBytes) ? pinnedBytes : 0, quotas: new Map(listed.filter(isQuota)) }
}

function isQuota(entry: [string, unknown]): entry is [string, number] {
  return isBytes(entry[1])
}

function isBytes(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0
}

export function createShareFile(options: ShareFileOptions): ShareFile {
  const { fs, layout, hint, temporaryName, pause, discard, onError } = options
  const rests = createRests(pause)
  let stopped = false
  let running: Promise<void> | undefined
  let written = format(nothing)

  const write = async (): Promise<void> => {
    const text = format(hint())
    if (text === written || Buffer.byteLength(text) > maxFileBytes) return
    const path = layout.temporary(temporaryName())
    try {
      const file = await fs.open(path, 'create')
      try {
        await writeFully(file, [Buffer.from(text)], 0)
      } finally {
        await file.close()
      }
      await fs.rename(path, layout.sharesFile)
      written = text
    } catch (error) {
      onError(error)
      await discard(path)
    }
  }

  return {
    start() {
      running ??= (async () => {
        while (!stopped) {
          await rests.rest(tickMs)
          await write()
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

function format({ pinnedBytes, quotas }: ShareHint): string {
  return JSON.stringify({ pinnedBytes, quotas: Object.fromEntries(quotas) })
}
