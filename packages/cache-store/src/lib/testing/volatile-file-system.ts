import { dirname } from 'node:path'
import type { File, FileStat, FileSystem } from '../disk/file-system.ts'
import { systemError } from './faulty-file-system.ts'

/** A file system in memory that nobody has told to write anything down. */
export interface VolatileFileSystem extends FileSystem {
  /**
   * What a disk may hold when the power goes: of what happened since the last time any part, names and bytes apart. Of
   * the names either those up to some moment (a journal in order) or any. Of the bytes of a file all, none, the first,
   * or zeros where pages are missing. What is done to this file system afterwards never ends.
   */
  lose(): VolatileFileSystem
}

export interface VolatileOptions {
  /** From 0 to 1, 1 excluded. */
  readonly random: () => number
  /** Milliseconds since the epoch. */
  readonly now: () => number
  /** Called before each operation. */
  readonly before?: () => void
}

interface Inode {
  data: Buffer
  /** Before anything that may be lost. */
  durable: Buffer
  accessedAt: number
  modifiedAt: number
  /** When the bytes were written: what the times are if nothing set them. */
  writtenAt: number
}

/** A change of names. */
type Change =
  | { readonly kind: 'link'; readonly path: string; readonly inode: Inode; readonly from?: string }
  | { readonly kind: 'unlink'; readonly path: string; readonly inode: Inode }

const pageBytes = 4096

export function createVolatileFileSystem(options: VolatileOptions): VolatileFileSystem {
  return volatile(options, new Map(), new Set(['/']))
}

function volatile(
  options: VolatileOptions,
  durable: ReadonlyMap<string, Inode>,
  durableDirectories: ReadonlySet<string>,
): VolatileFileSystem {
  const { random, now, before = () => undefined } = options
  const names = new Map(durable)
  const files = new Map(durable)
  const directories = new Set(durableDirectories)
  let journal: Change[] = []
  let lost = false

  const operate = async <T>(work: () => T): Promise<T> => {
    if (lost) await new Promise<never>(() => undefined)
    before()
    await Promise.resolve()
    if (lost) await new Promise<never>(() => undefined)
    return work()
  }
  const find = (path: string): Inode => {
    const inode = files.get(path)
    if (inode === undefined) throw systemError('ENOENT')
    return inode
  }
  const statOf = (inode: Inode): FileStat => ({
    size: inode.data.length,
    allocatedBytes: Math.ceil(inode.data.length / pageBytes) * pageBytes,
    links: [...files.values()].filter((other) => other === inode).length,
    accessedAt: inode.accessedAt,
    modifiedAt: inode.modifiedAt,
  })
  const children = (path: string): string[] => {
    if (!directories.has(path)) throw systemError('ENOENT')
    const names = new Set<string>()
    const prefix = path === '/' ? path : `${path}/`
    for (const known of [...files.keys(), ...directories]) {
      if (known.startsWith(prefix) && known !== path) names.add(known.slice(prefix.length).split('/')[0] as string)
    }
    return [...names]
  }
  const requireParent = (path: string): void => {
    if (!directories.has(dirname(path))) throw systemError('ENOENT')
  }
  const open = (inode: Inode): File => ({
    read: (buffer, position) =>
      operate(() => inode.data.copy(buffer, 0, Math.min(position, inode.data.length), position + buffer.length)),
    write: (chunks, position) =>
      operate(() => {
        const bytes = Buffer.concat(chunks)
        const grown = Buffer.alloc(Math.max(inode.data.length, position + bytes.length))
        inode.data.copy(grown)
        bytes.copy(grown, position)
        inode.data = grown
        inode.writtenAt = now()
        inode.modifiedAt = now()
        return bytes.length
      }),
    stat: () => operate(() => statOf(inode)),
    sync: () =>
      operate(() => {
        inode.durable = inode.data
      }),
    setTimes: (accessedAt, modifiedAt) =>
      operate(() => {
        inode.accessedAt = accessedAt
        inode.modifiedAt = modifiedAt
      }),
    close: () => operate(() => undefined),
  })

  return {
    open: (path, mode) =>
      operate(() => {
        if (mode === 'read') return open(find(path))
        requireParent(path)
        if (files.has(path)) throw systemError('EEXIST')
        const at = now()
        const inode = { data: Buffer.alloc(0), durable: Buffer.alloc(0), accessedAt: at, modifiedAt: at, writtenAt: at }
        files.set(path, inode)
        journal.push({ kind: 'link', path, inode })
        return open(inode)
      }),
    makeDirectory: (path) =>
      operate(() => {
        for (let at = path; !directories.has(at); at = dirname(at)) directories.add(at)
      }),
    volume: () => operate(() => ({ freeBytes: 2 ** 40, totalBytes: 2 ** 40 })),
    addDirectory: (path) =>
      operate(() => {
        requireParent(path)
        if (directories.has(path)) throw systemError('EEXIST')
        directories.add(path)
      }),
    link: (from, to) =>
      operate(() => {
        const inode = find(from)
        requireParent(to)
        if (files.has(to)) throw systemError('EEXIST')
        files.set(to, inode)
        journal.push({ kind: 'link', path: to, inode })
      }),
    rename: (from, to) =>
      operate(() => {
        const inode = find(from)
        requireParent(to)
        files.delete(from)
        files.set(to, inode)
        journal.push({ kind: 'link', path: to, inode, from })
      }),
    removeFile: (path) =>
      operate(() => {
        journal.push({ kind: 'unlink', path, inode: find(path) })
        files.delete(path)
      }),
    removeDirectory: (path) =>
      operate(() => {
        if (children(path).length > 0) throw systemError('ENOTEMPTY')
        directories.delete(path)
      }),
    list: (path) => operate(() => children(path)),
    syncDirectory: (path) =>
      operate(() => {
        const synced = journal.filter((change) => dirname(change.path) === path)
        journal = journal.filter((change) => !synced.includes(change))
        for (const change of synced) apply(names, change)
      }),
    stat: (path) => operate(() => (directories.has(path) ? directoryStat : statOf(find(path)))),
    lose() {
      lost = true
      for (const change of surviving(journal, random)) apply(names, change)
      const kept = new Map<Inode, Inode>()
      const survivors = new Map<string, Inode>()
      for (const [path, inode] of names) {
        const left = kept.get(inode) ?? survivor(inode, random)
        kept.set(inode, left)
        survivors.set(path, left)
      }
      const left = new Set(durableDirectories)
      for (const path of survivors.keys()) for (let at = dirname(path); !left.has(at); at = dirname(at)) left.add(at)
      return volatile(options, survivors, left)
    },
  }
}

const directoryStat: FileStat = { size: pageBytes, allocatedBytes: pageBytes, links: 2, accessedAt: 0, modifiedAt: 0 }

function surviving(journal: readonly Change[], random: () => number): readonly Change[] {
  if (random() < 0.5) return journal.slice(0, Math.floor(random() * (journal.length + 1)))
  const share = random()
  return journal.filter(() => random() < share)
}

function apply(names: Map<string, Inode>, change: Change): void {
  if (change.kind === 'unlink') {
    if (names.get(change.path) === change.inode) names.delete(change.path)
    return
  }
  if (change.from !== undefined && names.get(change.from) === change.inode) names.delete(change.from)
  names.set(change.path, change.inode)
}

/** The file as it may be found again. */
function survivor(inode: Inode, random: () => number): Inode {
  const data = inode.data === inode.durable ? inode.data : survivingBytes(inode, random)
  const timed = random() < 0.5
  const times = timed
    ? { accessedAt: inode.accessedAt, modifiedAt: inode.modifiedAt }
    : { accessedAt: inode.writtenAt, modifiedAt: inode.writtenAt }
  return { data, durable: data, ...times, writtenAt: inode.writtenAt }
}

function survivingBytes({ data, durable }: Inode, random: () => number): Buffer {
  const at = Math.floor(random() * (data.length + 1))
  switch (Math.floor(random() * 5)) {
    case 0:
      return durable
    case 1:
      return data.subarray(0, at)
    case 2: {
      const zeroed = Buffer.from(data)
      return zeroed.fill(0, at)
    }
    case 3: {
      const holed = Buffer.from(data)
      for (let page = 0; page < holed.length; page += pageBytes) {
        if (random() < 0.3) holed.fill(0, page, Math.min(page + pageBytes, holed.length))
      }
      return holed
    }
    default:
      return data
  }
}
