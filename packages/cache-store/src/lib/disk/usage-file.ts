import { writeFully } from './file-io.ts'
import { type FileSystem, isMissing } from './file-system.ts'
import type { Layout } from './layout.ts'
import type { Space } from './space.ts'

/** Keeps a hint on disk of the bytes in use: an upper bound at any moment, exact after a clean end. */
export interface UsageFile {
  /** Looks whether the hint still holds. Cheap; called after every change. */
  check(): void
  /** Writes the exact figure. */
  close(): Promise<void>
}

export interface UsageFileOptions {
  readonly fs: FileSystem
  readonly layout: Layout
  readonly space: Space
  readonly maxBytes: number
  readonly temporaryName: () => string
  /** Removes a file; never rejects. */
  readonly discard: (path: string) => Promise<void>
  readonly onError: (error: unknown) => void
}

/** The bytes the hint speaks of, 0 for a cache that has never been written to; undefined if nothing is known. */
export async function readUsage(fs: FileSystem, layout: Layout, hasShards: boolean): Promise<number | undefined> {
  try {
    const file = await fs.open(layout.usageFile, 'read')
    try {
      const buffer = Buffer.alloc(256)
      const count = await file.read(buffer, 0)
      return parseUsage(buffer.toString('utf8', 0, count))
    } finally {
      await file.close()
    }
  } catch (error) {
    if (isMissing(error) && !hasShards) return 0
    return undefined
  }
}

function parseUsage(text: string): number | undefined {
  const match = /^\{"usedBytes":(\d{1,15})\}$/.exec(text)
  return match === null ? undefined : Number(match[1])
}

export function createUsageFile(options: UsageFileOptions): UsageFile {
  const { fs, layout, space, temporaryName, discard, onError } = options
  /** Written ahead by this much, so that it is written rarely. */
  const slackBytes = Math.max(16 * 1024 * 1024, Math.floor(options.maxBytes / 50))
  let promised = 0
  let writing: Promise<void> | undefined

  const write = async (bytes: number): Promise<void> => {
    const path = layout.temporary(temporaryName())
    try {
      const file = await fs.open(path, 'create')
      try {
        await writeFully(file, [Buffer.from(JSON.stringify({ usedBytes: Math.ceil(bytes) }))], 0)
      } finally {
        await file.close()
      }
      await fs.rename(path, layout.usageFile)
    } catch (error) {
      onError(error)
      await discard(path)
    }
  }
  const expected = (): number => space.usedBytes + space.reservedBytes

  return {
    check() {
      if (writing !== undefined) return
      const bytes = expected()
      if (bytes <= promised - slackBytes / 2 && bytes >= promised - slackBytes * 2) return
      promised = bytes + slackBytes
      writing = write(promised).then(() => {
        writing = undefined
      })
    },
    async close() {
      await writing
      await write(space.usedBytes)
    },
  }
}
