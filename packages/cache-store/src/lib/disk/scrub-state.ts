import { writeFully } from './file-io.ts'
import { type FileSystem, isMissing } from './file-system.ts'
import type { Layout } from './layout.ts'

/** How far the verification of a directory has come, and who is at it. */
export interface ScrubState {
  /** The instance at work. */
  readonly owner: string
  /** When the round began, milliseconds since the epoch. */
  readonly startedAt: number
  /** The key hash up to which everything has been verified; empty at the start, `end` when the round is over. */
  readonly after: string
  /** When the owner last wrote this, milliseconds since the epoch. */
  readonly beatAt: number
}

const pattern =
  /^\{"owner":"([\w-]{1,100})","startedAt":(\d{1,15}),"after":"([0-9a-f]{64}|end|)","beatAt":(\d{1,15})\}$/

/** Reads the state; undefined if there is none that can be read. */
export async function readScrubState(fs: FileSystem, layout: Layout): Promise<ScrubState | undefined> {
  try {
    const file = await fs.open(layout.scrubFile, 'read')
    try {
      const buffer = Buffer.alloc(512)
      const match = pattern.exec(buffer.toString('latin1', 0, await file.read(buffer, 0)))
      if (match === null) return undefined
      return { owner: match[1] ?? '', startedAt: Number(match[2]), after: match[3] ?? '', beatAt: Number(match[4]) }
    } finally {
      await file.close()
    }
  } catch (error) {
    if (isMissing(error)) return undefined
    throw error
  }
}

/** Puts the state in the place of any other. */
export async function writeScrubState(
  fs: FileSystem,
  layout: Layout,
  temporary: string,
  { owner, startedAt, after, beatAt }: ScrubState,
): Promise<void> {
  const file = await fs.open(temporary, 'create')
  try {
    await writeFully(
      file,
      [Buffer.from(JSON.stringify({ owner, startedAt: Math.round(startedAt), after, beatAt: Math.round(beatAt) }))],
      0,
    )
  } finally {
    await file.close()
  }
  await fs.rename(temporary, layout.scrubFile)
}
