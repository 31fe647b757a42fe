import { mkdir, open, readdir, rm, rmdir } from 'node:fs/promises'
import { dirname } from 'node:path'
import { systemReason } from '../system-reason.ts'

/** What became of an append. `written`: bytes that reached the file before it failed. */
export type AppendResult =
  | { readonly kind: 'written' }
  | { readonly kind: 'failed'; readonly written: number; readonly reason: string }

/** Names in a directory; links and other things left out. */
export interface DirectoryListing {
  readonly files: readonly string[]
  readonly directories: readonly string[]
}

/** What the access log does with files. Nothing here rejects: trouble is told by the result or left for next time. */
export interface LogFiles {
  /** Adds `bytes` at the end of the file, made with its directories where missing. */
  append(path: string, bytes: Uint8Array): Promise<AppendResult>
  /** What is in a directory; empty if it cannot be read. */
  list(directory: string): Promise<DirectoryListing>
  /** Whether the file is gone. */
  removeFile(path: string): Promise<boolean>
  /** Removes a directory if it is empty. */
  removeEmptyDirectory(path: string): Promise<void>
}

/** Owner writes, group reads: log lines name clients and objects. */
const fileMode = 0o640
const directoryMode = 0o750

/** The real file system. A file is opened for each append, so that one removed or moved meanwhile is made anew. */
export const nodeLogFiles: LogFiles = {
  async append(path, bytes) {
    let written = 0
    try {
      await using file = await openForAppend(path)
      while (written < bytes.length) written += (await file.write(bytes, written)).bytesWritten
      return { kind: 'written' }
    } catch (error) {
      return written === bytes.length ? { kind: 'written' } : { kind: 'failed', written, reason: systemReason(error) }
    }
  },
  async list(directory) {
    try {
      const entries = await readdir(directory, { withFileTypes: true })
      return {
        files: entries.filter((entry) => entry.isFile()).map((entry) => entry.name),
        directories: entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name),
      }
    } catch {
      return { files: [], directories: [] } // not there or not readable: nothing to clean up in it
    }
  },
  removeFile: (path) =>
    rm(path, { force: true }).then(
      () => true,
      () => false,
    ),
  removeEmptyDirectory: (path) => rmdir(path).then(undefined, () => undefined),
}

async function openForAppend(path: string) {
  try {
    return await open(path, 'a', fileMode)
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw error
    await mkdir(dirname(path), { recursive: true, mode: directoryMode })
    return open(path, 'a', fileMode)
  }
}
