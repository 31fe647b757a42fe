import { dirname } from 'node:path'
import { storeError } from '../store-error.ts'
import { type FileSystem, isMissing } from './file-system.ts'
import type { Layout } from './layout.ts'

/**
 * The file system below a cache directory that has been claimed. Folders that are missing are made only as long as the
 * marker stands: when the volume has gone, nothing is built at the place where it was mounted.
 */
export function createAnchoredFileSystem(fs: FileSystem, layout: Pick<Layout, 'markerFile'>): FileSystem {
  const makeDirectory = async (path: string): Promise<void> => {
    try {
      await fs.stat(layout.markerFile)
    } catch (cause) {
      if (!isMissing(cause)) throw cause
      const message = 'the cache directory has gone: mount its volume again, or restart to begin a new cache'
      throw storeError('io', message, cause)
    }
    await fs.makeDirectory(path)
  }
  return {
    ...fs,
    makeDirectory,
    async open(path, mode) {
      try {
        return await fs.open(path, mode)
      } catch (error) {
        if (mode === 'read' || !isMissing(error)) throw error
        await makeDirectory(dirname(path))
        return await fs.open(path, mode)
      }
    },
  }
}
