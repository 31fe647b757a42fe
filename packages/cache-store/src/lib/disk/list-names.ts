import { type FileSystem, isMissing } from './file-system.ts'

/** Names in a directory that `accept` takes; none where it is not there, or cannot be read, which `onError` is told. */
export type ListNames = (path: string, accept: (name: string) => boolean) => Promise<string[]>

export function createListNames(fs: Pick<FileSystem, 'list'>, onError: (error: unknown) => void): ListNames {
  return async (path, accept) => {
    try {
      return (await fs.list(path)).filter(accept)
    } catch (error) {
      if (!isMissing(error)) onError(error)
      return []
    }
  }
}
