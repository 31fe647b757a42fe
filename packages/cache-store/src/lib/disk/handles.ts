import type { Representation } from '../cache-store.ts'
import type { DiskExtent } from './disk-extent.ts'
import type { File, FileSystem } from './file-system.ts'
import { type ExtentTail, readTail, toOpenError } from './open-extent.ts'
import type { PackedTable } from './packed-format.ts'

/** An open file that counts its uses; not closed while it has one. */
export interface Handle {
  readonly file: File
  /** Adds a use. Only for who holds one. */
  retain(): void
  release(): void
}

/** An extent file whose tail has been verified. */
export interface ExtentHandle extends Handle {
  /** One CRC-32 per block. */
  readonly checksums: Uint32Array
  /** Where the frames of a compressed file lie; undefined: it is not compressed. */
  readonly packed: PackedTable | undefined
  /** 1 for every block that has been checked since the file was opened. */
  readonly verified: Uint8Array
}

export interface HandlesOptions {
  readonly fs: FileSystem
  /** Most files kept open although nobody reads them. Files being read come on top. */
  readonly maxIdleFiles: number
  /** Hears of a failed close, which hurts nobody. */
  readonly onError: (error: unknown) => void
}

/** The open files of a tier: extents stay open for later readers, least recently used closed first. */
export interface Handles {
  /** Creates a new file, with one use; closed and forgotten after the last one unless it is adopted. */
  create(path: string): Promise<Handle>
  /** The extent at `path`, with one use. Rejects with a store error: `gone`, `corrupt` or `io`. */
  acquire(path: string, extent: DiskExtent, representation: Representation): ExtentHandle | Promise<ExtentHandle>
  /** Makes a created file, which has been renamed to `path`, an extent that later readers find. */
  adopt(created: Handle, path: string, tail: ExtentTail): void
  /**
   * Forgets what is open at `path`, because the file is removed; `onClosed` is called once no reader holds it.
   * Resolves at once if a reader does, otherwise after that.
   */
  drop(path: string, onClosed: () => void): Promise<void>
  /** Closes what nobody reads: the files may have been removed from outside. */
  closeIdle(): void
  /** Closes what nobody reads, and from now on everything after its last use. */
  close(): Promise<void>
}

class Node implements ExtentHandle {
  readonly file: File
  checksums = new Uint32Array(0)
  verified = new Uint8Array(0)
  packed: PackedTable | undefined = undefined
  /** Where later readers find it; undefined: closed after the last use. */
  path: string | undefined = undefined
  uses = 1
  readonly whenClosed: (() => void)[] = []
  readonly #onIdle: (node: Node) => void

  constructor(file: File, onIdle: (node: Node) => void) {
    this.file = file
    this.#onIdle = onIdle
  }

  setTail({ checksums, packed }: ExtentTail): void {
    this.checksums = checksums
    this.verified = new Uint8Array(checksums.length)
    this.packed = packed
  }

  retain(): void {
    this.uses++
  }

  release(): void {
    this.uses--
    if (this.uses === 0) this.#onIdle(this)
  }
}

interface Opening {
  readonly opened: Promise<Node>
  /** Readers waiting for it; each is given a use. */
  waiting: number
  readonly whenClosed: (() => void)[]
}

export function createHandles({ fs, maxIdleFiles, onError }: HandlesOptions): Handles {
  /** Every file that later readers find. */
  const byPath = new Map<string, Node>()
  /** Those of them without a use, least recently used first. */
  const idle = new Set<Node>()
  const openings = new Map<string, Opening>()
  const closing = new Set<Promise<void>>()
  let closed = false

  const shut = (node: Node): Promise<void> => {
    const shutting = node.file
      .close()
      .catch(onError)
      .then(() => {
        closing.delete(shutting)
        for (const callback of node.whenClosed) callback()
      })
    closing.add(shutting)
    return shutting
  }
  const onIdle = (node: Node): void => {
    if (node.path === undefined) {
      void shut(node)
      return
    }
    idle.add(node)
    trim(closed ? 0 : maxIdleFiles)
  }
  const trim = (most: number): void => {
    for (const node of idle) {
      if (idle.size <= most) return
      unlist(node)
      void shut(node)
    }
  }
  /** Takes the node out of every list. */
  const unlist = (node: Node): void => {
    idle.delete(node)
    if (node.path !== undefined && byPath.get(node.path) === node) byPath.delete(node.path)
    node.path = undefined
  }
  const list = (node: Node, path: string): void => {
    const old = byPath.get(path)
    if (old !== undefined) void dropNode(old)
    node.path = path
    byPath.set(path, node)
  }
  const dropNode = async (node: Node): Promise<void> => {
    unlist(node)
    if (node.uses === 0) await shut(node)
  }

  const openExtent = async (path: string, extent: DiskExtent, representation: Representation): Promise<Node> => {
    const node = new Node(await fs.open(path, 'read'), onIdle)
    try {
      node.setTail(await readTail(node.file, extent, representation))
      return node
    } catch (error) {
      node.release()
      throw error
    }
  }
  const start = (path: string, extent: DiskExtent, representation: Representation): Opening => {
    const opening: Opening = {
      opened: openExtent(path, extent, representation).then(
        (node) => {
          openings.delete(path)
          node.uses = opening.waiting
          node.whenClosed.push(...opening.whenClosed)
          if (opening.whenClosed.length === 0) list(node, path)
          return node
        },
        (error: unknown) => {
          openings.delete(path)
          for (const callback of opening.whenClosed) callback()
          throw toOpenError(error)
        },
      ),
      waiting: 0,
      whenClosed: [],
    }
    openings.set(path, opening)
    return opening
  }

  return {
    create: async (path) => new Node(await fs.open(path, 'create'), onIdle),
    acquire(path, extent, representation) {
      const node = byPath.get(path)
      if (node !== undefined) {
        idle.delete(node)
        node.uses++
        return node
      }
      const opening = openings.get(path) ?? start(path, extent, representation)
      opening.waiting++
      return opening.opened
    },
    adopt(created, path, tail) {
      const node = created as Node
      node.setTail(tail)
      list(node, path)
    },
    async drop(path, onClosed) {
      const node = byPath.get(path)
      const opening = openings.get(path)
      if (node !== undefined) {
        node.whenClosed.push(onClosed)
        await dropNode(node)
      } else if (opening !== undefined) {
        opening.whenClosed.push(onClosed)
      } else {
        onClosed()
      }
    },
    closeIdle: () => trim(0),
    async close() {
      closed = true
      trim(0)
      await Promise.all(closing)
    },
  }
}
