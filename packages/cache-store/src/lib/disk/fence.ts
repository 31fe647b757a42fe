import type { File, FileSystem } from './file-system.ts'

/** A {@link FileSystem} on which what is added passes a check. */
export interface FencedFileSystem extends FileSystem {
  /** `rename` of something that is added. */
  add(from: string, to: string): Promise<void>
}

/** A file system on which nothing is added unless `pass` lets it: right before each step it returns, or resolves. */
export function createFence(fs: FileSystem, pass: () => void | Promise<void>): FencedFileSystem {
  const wrap = (file: File): File => ({
    ...file,
    async write(chunks, position) {
      await pass()
      return await file.write(chunks, position)
    },
  })
  return {
    ...fs,
    async open(path, mode) {
      if (mode === 'read') return await fs.open(path, mode)
      await pass()
      return wrap(await fs.open(path, mode))
    },
    async makeDirectory(path) {
      await pass()
      await fs.makeDirectory(path)
    },
    async addDirectory(path) {
      await pass()
      await fs.addDirectory(path)
    },
    async link(from, to) {
      await pass()
      await fs.link(from, to)
    },
    async add(from, to) {
      await pass()
      await fs.rename(from, to)
    },
  }
}
