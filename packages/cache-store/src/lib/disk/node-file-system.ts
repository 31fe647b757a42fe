import * as fs from 'node:fs'
import { open } from 'node:fs/promises'
import { type File, type FileStat, type FileSystem, systemErrorCode } from './file-system.ts'

/** Cached objects are as private as the bucket they came from. */
const fileMode = 0o600
const directoryMode = 0o700

/** Times of access are for the cache to set: a pass over everything (scrubbing, copying) must not look like use. */
const { O_RDONLY, O_RDWR, O_CREAT, O_EXCL, O_NOFOLLOW = 0, O_NOATIME = 0 } = fs.constants

/** The unit of `st_blocks`, whatever the file system's own blocks are. */
const statBlockBytes = 512

/**
 * The real file system, through the callback API: per read it costs about two thirds of what `FileHandle.read` does, and a call
 * that fails, as the look for what is not there does, half of what a promise of `node:fs/promises` costs.
 */
export const nodeFileSystem: FileSystem = {
  open: async (path, mode) => {
    if (mode === 'create') return await openFile(path, O_RDWR | O_CREAT | O_EXCL)
    try {
      return await openFile(path, O_RDONLY | O_NOFOLLOW | O_NOATIME)
    } catch (error) {
      // Only the owner may ask for that.
      if (O_NOATIME === 0 || systemErrorCode(error) !== 'EPERM') throw error
      return await openFile(path, O_RDONLY | O_NOFOLLOW)
    }
  },
  makeDirectory: (path) => done((end) => fs.mkdir(path, { recursive: true, mode: directoryMode }, end)),
  addDirectory: (path) => done((end) => fs.mkdir(path, { mode: directoryMode }, end)),
  link: (from, to) => done((end) => fs.link(from, to, end)),
  rename: (from, to) => done((end) => fs.rename(from, to, end)),
  removeFile: (path) => done((end) => fs.unlink(path, end)),
  removeDirectory: (path) => done((end) => fs.rmdir(path, end)),
  list: (path) => result<string[]>((end) => fs.readdir(path, end)),
  syncDirectory,
  stat: (path) => result<fs.Stats>((end) => fs.stat(path, end)).then(toFileStat),
  volume: async (path) => {
    const { bsize, bavail, blocks } = await result<fs.StatsFs>((end) => fs.statfs(path, end))
    return { freeBytes: bavail * bsize, totalBytes: blocks * bsize }
  },
}

/** Of a call that only ends. */
function done(call: (end: (error: NodeJS.ErrnoException | null | undefined) => void) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    call((error) => {
      if (error === null || error === undefined) resolve()
      else reject(error)
    })
  })
}

/** Of a call that brings something. */
function result<T>(call: (end: (error: NodeJS.ErrnoException | null, value: T) => void) => void): Promise<T> {
  return new Promise((resolve, reject) => {
    call((error, value) => {
      if (error === null) resolve(value)
      else reject(error)
    })
  })
}

function openFile(path: string, flags: number): Promise<File> {
  return result<number>((end) => fs.open(path, flags, fileMode, end)).then(createFile)
}

/** What file systems say that know no sync of a directory. */
const unsupported: ReadonlySet<string> = new Set(['EINVAL', 'ENOTSUP', 'EOPNOTSUPP', 'EISDIR', 'EPERM', 'EACCES'])

async function syncDirectory(path: string): Promise<void> {
  try {
    const directory = await open(path, 'r')
    try {
      await directory.sync()
    } finally {
      await directory.close()
    }
  } catch (error) {
    if (!unsupported.has(systemErrorCode(error) ?? '')) throw error
  }
}

function createFile(descriptor: number): File {
  return {
    read: (buffer, position) => result<number>((end) => fs.read(descriptor, buffer, 0, buffer.length, position, end)),
    write: (chunks, position) => result<number>((end) => fs.writev(descriptor, chunks, position, end)),
    stat: () => result<fs.Stats>((end) => fs.fstat(descriptor, end)).then(toFileStat),
    setTimes: (accessedAt, modifiedAt) =>
      done((end) => fs.futimes(descriptor, accessedAt / 1000, modifiedAt / 1000, end)),
    sync: () => done((end) => fs.fsync(descriptor, end)),
    close: () => done((end) => fs.close(descriptor, end)),
  }
}

function toFileStat(stats: fs.Stats): FileStat {
  return {
    size: stats.size,
    allocatedBytes: stats.blocks * statBlockBytes,
    links: stats.nlink,
    accessedAt: stats.atimeMs,
    modifiedAt: stats.mtimeMs,
  }
}
