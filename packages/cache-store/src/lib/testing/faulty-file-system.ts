import type { File, FileSystem } from '../disk/file-system.ts'
import { nodeFileSystem } from '../disk/node-file-system.ts'

/** What a file system is asked to do: the methods of `FileSystem` and `File`. */
export type FileOperation = keyof FileSystem | Exclude<keyof File, 'stat'> | 'fstat'

export interface FaultyFileSystemOptions {
  /** Called before each operation, which goes ahead once this returns or resolves, and fails as this throws. */
  readonly before?: (operation: FileOperation, path: string) => void | Promise<void>
  /** Most bytes one read or write moves. Default: no bound. */
  readonly maxTransferBytes?: number
}

/** The real file system with faults of a test's choosing. */
export function createFaultyFileSystem(options: FaultyFileSystemOptions): FileSystem {
  const { before = () => undefined, maxTransferBytes = Number.POSITIVE_INFINITY } = options
  const real = nodeFileSystem
  const wrap = (file: File, path: string): File => ({
    async read(buffer, position) {
      await before('read', path)
      return await file.read(buffer.subarray(0, Math.min(buffer.length, maxTransferBytes)), position)
    },
    async write(chunks, position) {
      await before('write', path)
      return await file.write(firstBytes(chunks, maxTransferBytes), position)
    },
    async stat() {
      await before('fstat', path)
      return await file.stat()
    },
    async setTimes(accessedAt, modifiedAt) {
      await before('setTimes', path)
      await file.setTimes(accessedAt, modifiedAt)
    },
    async sync() {
      await before('sync', path)
      await file.sync()
    },
    async close() {
      await file.close()
      await before('close', path)
    },
  })
  return {
    async open(path, mode) {
      await before('open', path)
      return wrap(await real.open(path, mode), path)
    },
    async makeDirectory(path) {
      await before('makeDirectory', path)
      await real.makeDirectory(path)
    },
    async addDirectory(path) {
      await before('addDirectory', path)
      await real.addDirectory(path)
    },
    async link(from, to) {
      await before('link', to)
      await real.link(from, to)
    },
    async rename(from, to) {
      await before('rename', to)
      await real.rename(from, to)
    },
    async removeFile(path) {
      await before('removeFile', path)
      await real.removeFile(path)
    },
    async removeDirectory(path) {
      await before('removeDirectory', path)
      await real.removeDirectory(path)
    },
    async syncDirectory(path) {
      await before('syncDirectory', path)
      await real.syncDirectory(path)
    },
    async list(path) {
      await before('list', path)
      return await real.list(path)
    },
    async stat(path) {
      await before('stat', path)
      return await real.stat(path)
    },
    async volume(path) {
      await before('volume', path)
      return await real.volume(path)
    },
  }
}

/** A system error as Node throws it. */
export function systemError(code: string): NodeJS.ErrnoException {
  return Object.assign(new Error(`${code}: injected`), { code })
}

function firstBytes(chunks: readonly Uint8Array[], maxBytes: number): Uint8Array[] {
  const first: Uint8Array[] = []
  let left = maxBytes
  for (const chunk of chunks) {
    if (left <= 0) break
    first.push(chunk.subarray(0, Math.min(chunk.length, left)))
    left -= chunk.length
  }
  return first
}
