import {
  type ByteRange,
  type ByteSource,
  bufferSource,
  containsRange,
  type MemoryBudget,
  type ProxyError,
  rangeLength,
} from '@s3proxy/protocol'
import type { FillPurpose, FillResult, FillWriter, Held, Representation } from '../cache-store.ts'
import { sameBytes } from '../representation.ts'
import { lazySource } from '../slice-source.ts'
import { storeError, toStoreError } from '../store-error.ts'
import type { Catalog } from './catalog.ts'
import type { Directory } from './directory.ts'
import type { DiskExtent } from './disk-extent.ts'
import { encodeTail } from './extent-format.ts'
import type { Handle, Handles } from './handles.ts'
import type { KeyLock } from './key-lock.ts'
import type { NewBytes, Publisher } from './publisher.ts'
import type { RunMemory } from './run-buffers.ts'
import type { Reservation } from './space.ts'
import { createSpool } from './spool.ts'

/** What fills need of the tier. */
export interface FillHost {
  readonly locks: KeyLock
  readonly catalog: Catalog
  readonly directory: Directory
  readonly handles: Handles
  readonly publish: Publisher
  /** Milliseconds since the epoch. */
  readonly now: () => number
  readonly maxDirtyBytes: number
  readonly budget: MemoryBudget
  readonly memory: RunMemory
  /** Whole objects up to this size live in their record. */
  readonly embedMaxBytes: number
  /** A path no file has had. */
  temporaryPath(): string
  /** Reads a published extent. */
  read(held: Held, extent: DiskExtent, range: ByteRange): ByteSource | Promise<ByteSource>
  onWritten(bytes: number): void
  onFailed(error: ProxyError): void
  /** The fill has ended, one way or another. */
  onEnded(fill: FillWriter): void
}

export interface FillOptions {
  readonly keyHash: string
  readonly representation: Representation
  readonly range: ByteRange
  readonly reservation: Reservation
  readonly purpose: FillPurpose
}

type State =
  | { readonly kind: 'open' | 'committing' | 'ended' }
  | { readonly kind: 'stored'; readonly held: Held; readonly extent: DiskExtent }

/** A fill into a temporary file, or for small whole objects into memory only. */
export function createFill(host: FillHost, options: FillOptions): FillWriter {
  const { locks, catalog, directory, handles, publish, now } = host
  const { keyHash, representation, range, reservation, purpose } = options
  let state: State = { kind: 'open' }
  let path: string | undefined
  let failed = false

  const create = async (): Promise<Handle> => {
    if (!(await reservation.granted)) throw storeError('no-space', 'no room could be made for a fill')
    if (state.kind === 'ended') throw storeError('closed', 'the fill has ended')
    path = host.temporaryPath()
    const handle = await handles.create(path)
    if (!isEnded()) return handle
    handle.release()
    await discardFile()
    throw storeError('closed', 'the fill has ended')
  }
  const isEnded = (): boolean => state.kind === 'ended'
  const { maxDirtyBytes, budget, memory } = host
  const spool = createSpool({ create, maxDirtyBytes, budget, memory })

  const discardFile = async (): Promise<void> => {
    if (path !== undefined) await directory.discard(path)
    path = undefined
  }
  const fail = (cause: unknown): ProxyError => {
    const error = toStoreError(cause, 'writing to the cache failed')
    if (!failed && !isEnded()) host.onFailed(error)
    failed = true
    return error
  }
  const end = async (next: State): Promise<void> => {
    state = next
    spool.drop()
    await discardFile()
    reservation.release()
    host.onEnded(fill)
  }

  /** The bytes as they will be kept; undefined if the same bytes are there already. */
  const collect = async (kept: ByteRange, covered: boolean): Promise<NewBytes> => {
    if (covered) return { kind: 'none' }
    const chunks = spool.inMemory()
    if (
      chunks !== undefined &&
      rangeLength(kept) === representation.size &&
      representation.size <= host.embedMaxBytes
    ) {
      if (!(await reservation.granted)) throw storeError('no-space', 'no room could be made for a fill')
      return { kind: 'body', body: Buffer.concat(chunks, representation.size) }
    }
    let checksums = new Uint32Array(0)
    const handle = await spool.finish((sums) => {
      checksums = Uint32Array.from(sums)
      return encodeTail(representation, kept, sums, now())
    })
    return { kind: 'file', range: kept, path: path as string, handle, tail: { checksums, packed: undefined } }
  }

  const store = async (validatedAt: number, guard: () => boolean): Promise<FillResult> => {
    if (isEnded()) return { kind: 'discarded', reason: 'failed' }
    const kept = { start: range.start, end: range.start + spool.length }
    try {
      const { entry: previous, hasNews } = await catalog.current(keyHash)
      const same = previous !== undefined && sameBytes(previous.representation, representation)
      const covered = same && previous.extents.some((extent) => containsRange(extent, kept))
      const bytes = await collect(kept, covered)
      const change = { keyHash, representation, validatedAt, guard, previous, hasNews, bytes, reservation, purpose }
      const entry = await publish(change)
      if (entry === undefined) {
        await end({ kind: 'ended' })
        return { kind: 'discarded', reason: 'vetoed' }
      }
      if (bytes.kind === 'file') path = undefined
      const extent = entry.extents.find((candidate) => containsRange(candidate, kept))
      if (extent === undefined) throw storeError('corrupt', 'the bytes that were there have gone')
      if (bytes.kind !== 'none') host.onWritten(rangeLength(kept))
      await end({ kind: 'stored', held: entry.found.held, extent })
      return { kind: 'stored', kept }
    } catch (error) {
      fail(error)
      await end({ kind: 'ended' })
      return { kind: 'discarded', reason: 'failed' }
    }
  }

  const fill: FillWriter = {
    write(chunk, onDone) {
      if (state.kind !== 'open') return Promise.reject(storeError('closed', 'the fill has ended'))
      if (chunk.length > rangeLength(range) - spool.length) {
        return Promise.reject(storeError('misuse', 'more bytes than the range of the fill'))
      }
      const wait = spool.append(chunk, onDone)
      return wait?.catch((error: unknown) => Promise.reject(fail(error)))
    },
    read(wanted) {
      if (!containsRange({ start: range.start, end: range.start + spool.length }, wanted)) {
        throw storeError('misuse', 'bytes that have not been written')
      }
      if (wanted.start >= wanted.end) return bufferSource()
      if (state.kind === 'stored') {
        const { held, extent } = state
        return lazySource(() => host.read(held, extent, wanted))
      }
      return spool.read({ start: wanted.start - range.start, end: wanted.end - range.start })
    },
    async commit(validatedAt, guard) {
      if (state.kind !== 'open') return { kind: 'discarded', reason: 'failed' }
      if (spool.length === 0) {
        await end({ kind: 'ended' })
        return { kind: 'discarded', reason: 'empty' }
      }
      state = { kind: 'committing' }
      return await locks.run(keyHash, () => store(validatedAt, guard))
    },
    abort() {
      if (state.kind === 'open') void end({ kind: 'ended' })
    },
  }
  return fill
}
