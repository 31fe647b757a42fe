import { writeFully } from './file-io.ts'
import { type FileSystem, isMissing } from './file-system.ts'
import { type Layout, markerName } from './layout.ts'

/** Why a directory is not used as a cache. */
export type RefusedDirectory =
  /** It holds something else: nothing in it is touched. */
  | 'foreign'
  /** It is a cache of a format this version does not know. */
  | 'unknown-format'
  /** Its path or its permissions are wrong. */
  | 'inaccessible'
  /** Its volume is full, read-only or failing, which may pass. */
  | 'unavailable'

export type Marked =
  | { readonly kind: 'marked' }
  | { readonly kind: 'refused'; readonly reason: RefusedDirectory; readonly message: string }

const content = JSON.stringify({ application: 's3proxy', content: 'cache', version: 1 })

/** A directory on a file system of its own may have this from the start. */
const harmless: ReadonlySet<string> = new Set(['lost+found'])

/** What a directory that exists is, without a change to it. Rejects if it cannot be read. */
export async function judgeDirectory(
  fs: FileSystem,
  layout: Layout,
): Promise<Marked | { readonly kind: 'empty' } | { readonly kind: 'unmarked' }> {
  const found = await readMarker(fs, layout)
  if (found !== undefined) return judge(found, layout)
  const names = (await fs.list(layout.directory)).filter((name) => !harmless.has(name) && !name.startsWith(markerName))
  if (names.length === 0) return { kind: 'empty' }
  // Somebody else may have claimed it in between.
  const raced = await readMarker(fs, layout)
  return raced === undefined ? { kind: 'unmarked' } : judge(raced, layout)
}

/**
 * Makes sure that the directory is a cache of ours: marks an empty one, recognises a marked one, refuses any other.
 * Several instances may do so at once. Rejects if the file system fails.
 */
export async function claimDirectory(fs: FileSystem, layout: Layout, temporaryName: () => string): Promise<Marked> {
  await fs.makeDirectory(layout.directory)
  const judged = await judgeDirectory(fs, layout)
  if (judged.kind === 'unmarked') return notEmpty(layout)
  if (judged.kind !== 'empty') return judged
  const path = layout.markerTemporary(temporaryName())
  try {
    await writeMarker(fs, path)
  } catch (error) {
    // Whatever stays would be in the way of nobody, but is of no use either.
    await fs.removeFile(path).catch(() => undefined)
    throw error
  }
  await fs.rename(path, layout.markerFile)
  await fs.syncDirectory(layout.directory)
  return { kind: 'marked' }
}

async function writeMarker(fs: FileSystem, path: string): Promise<void> {
  const file = await fs.open(path, 'create')
  try {
    await writeFully(file, [Buffer.from(content)], 0)
    // A cache whose marker a power failure had torn or taken would be taken for something else.
    await file.sync()
  } finally {
    await file.close()
  }
}

/** Whether a directory is a cache of ours, without a change to it. Rejects if it cannot be read, or does not exist. */
export async function recogniseDirectory(fs: FileSystem, layout: Layout): Promise<Marked> {
  const judged = await judgeDirectory(fs, layout)
  if (judged.kind === 'marked' || judged.kind === 'refused') return judged
  return foreign(`${layout.directory} has no ${markerName}: it is not a cache of s3proxy`)
}

/** What is said of a directory with files of somebody else. */
export function notEmpty({ directory }: Layout): Marked & { readonly kind: 'refused' } {
  const what = `${directory} is not empty and has no ${markerName}: it is not a cache of s3proxy, and is left as it is`
  return foreign(`${what}; name an empty directory, or one that does not exist`)
}

function foreign(message: string): Marked & { readonly kind: 'refused' } {
  return { kind: 'refused', reason: 'foreign', message }
}

function judge(text: string, layout: Layout): Marked {
  if (text === content) return { kind: 'marked' }
  const what = `${layout.markerFile} names a format that this version of s3proxy does not know, and is left as it is`
  const message = `${what}; use the version that wrote it, or name another directory`
  return { kind: 'refused', reason: 'unknown-format', message }
}

async function readMarker(fs: FileSystem, layout: Layout): Promise<string | undefined> {
  try {
    const file = await fs.open(layout.markerFile, 'read')
    try {
      const buffer = Buffer.alloc(1024)
      return buffer.toString('utf8', 0, await file.read(buffer, 0))
    } finally {
      await file.close()
    }
  } catch (error) {
    if (isMissing(error)) return undefined
    throw error
  }
}
