import { writeFully } from './file-io.ts'
import { type FileSystem, isMissing } from './file-system.ts'
import { type Layout, markerName } from './layout.ts'

/** Why a directory is not used as a cache. */
export type RefusedDirectory =
  /** It holds something else: nothing in it is touched. */
  | 'foreign'
  /** It is a cache of a format this version does not know. */
  | 'unknown-format'
  /** It cannot be made, read or written. */
  | 'inaccessible'

export type Marked =
  | { readonly kind: 'marked' }
  | { readonly kind: 'refused'; readonly reason: RefusedDirectory; readonly message: string }

const content = JSON.stringify({ application: 's3proxy', content: 'cache', version: 1 })

/** A directory on a file system of its own may have this from the start. */
const harmless: ReadonlySet<string> = new Set(['lost+found'])

/**
 * Makes sure that the directory is a cache of ours: marks an empty one, recognises a marked one, refuses any other.
 * Several instances may do so at once. Rejects if the file system fails.
 */
export async function claimDirectory(fs: FileSystem, layout: Layout, temporaryName: () => string): Promise<Marked> {
  await fs.makeDirectory(layout.directory)
  const found = await readMarker(fs, layout)
  if (found !== undefined) return judge(found, layout)
  const names = (await fs.list(layout.directory)).filter((name) => !harmless.has(name) && !name.startsWith(markerName))
  if (names.length > 0) {
    const raced = await readMarker(fs, layout)
    if (raced !== undefined) return judge(raced, layout)
    return foreign(`${layout.directory} is not empty and has no ${markerName}: it is not a cache of s3proxy`)
  }
  const path = layout.markerTemporary(temporaryName())
  const file = await fs.open(path, 'create')
  try {
    await writeFully(file, [Buffer.from(content)], 0)
    // A cache whose marker a power failure had torn or taken would be taken for something else.
    await file.sync()
  } finally {
    await file.close()
  }
  await fs.rename(path, layout.markerFile)
  await fs.syncDirectory(layout.directory)
  return { kind: 'marked' }
}

/** Whether a directory is a cache of ours, without a change to it. Rejects if it cannot be read, or does not exist. */
export async function recogniseDirectory(fs: FileSystem, layout: Layout): Promise<Marked> {
  const found = await readMarker(fs, layout)
  if (found !== undefined) return judge(found, layout)
  await fs.list(layout.directory)
  return foreign(`${layout.directory} has no ${markerName}: it is not a cache of s3proxy`)
}

function foreign(message: string): Marked {
  return { kind: 'refused', reason: 'foreign', message }
}

function judge(text: string, layout: Layout): Marked {
  if (text === content) return { kind: 'marked' }
  const message = `${layout.markerFile} names a format that this version of s3proxy does not know`
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
