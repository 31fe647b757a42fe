import {
  type ByteRange,
  type ByteSource,
  bufferSource,
  containsRange,
  type ProxyError,
  rangeLength,
} from '@s3proxy/protocol'
import type { Held } from '../cache-store.ts'
import type { StoreObserver } from '../observer.ts'
import { sameBytes } from '../representation.ts'
import { SliceSource } from '../slice-source.ts'
import { storeError, toStoreError } from '../store-error.ts'
import type { BodyShelf } from './body-shelf.ts'
import type { Catalog } from './catalog.ts'
import { DiskExtent } from './disk-extent.ts'
import type { Failures } from './failures.ts'
import type { ExtentHandle, Handles } from './handles.ts'
import type { Layout } from './layout.ts'
import type { Loader } from './load.ts'
import { openExtentReader, type Verification } from './reader.ts'
import type { RunMemory } from './run-buffers.ts'
import type { Times } from './times.ts'

export interface ExtentAccessOptions {
  readonly layout: Layout
  readonly catalog: Catalog
  readonly handles: Handles
  readonly load: Loader
  readonly times: Pick<Times, 'used'>
  readonly failures: Failures
  readonly observer: StoreObserver
  /** Milliseconds since the epoch. */
  readonly now: () => number
  readonly verify: Verification
  readonly memory: RunMemory
  readonly shelf: BodyShelf
  /** The extent's bytes are not what they were: it has to go. */
  readonly onBroken: (held: Held, extent: DiskExtent) => void
}

/** Reads published extents. Resolves once the first run is verified; rejects with a store error. */
export type ExtentAccess = (held: Held, extent: DiskExtent, range: ByteRange) => ByteSource | Promise<ByteSource>

export function createExtentAccess(options: ExtentAccessOptions): ExtentAccess {
  const { layout, catalog, handles, load, times, failures, observer, now, verify, memory, shelf, onBroken } = options

  /** Decides what an error means for the extent, before the reader hears of it. */
  const judge = (held: Held, extent: DiskExtent, error: ProxyError): void => {
    switch (error.reason) {
      case 'gone':
        catalog.forget(extent.keyHash)
        return
      case 'corrupt':
        observer.corrupt(extent.name === undefined ? 'record' : 'extent')
        onBroken(held, extent)
        return
      default:
        failures.note('read', error)
    }
  }

  const loadBody = async (held: Held, extent: DiskExtent): Promise<Uint8Array> => {
    const loaded = await load(extent.keyHash)
    if (loaded.kind === 'failed') throw toStoreError(loaded.error, 'reading a record failed')
    if (loaded.kind === 'corrupt') throw storeError('corrupt', `record: ${loaded.reason}`)
    if (loaded.kind === 'absent') throw storeError('gone', 'the record was removed')
    const { representation } = loaded.entry
    const same = sameBytes(representation, held.representation) && representation.key === held.representation.key
    if (!same || loaded.body === undefined) throw storeError('gone', 'the record was replaced')
    return loaded.body
  }
  const judging = async <T>(held: Held, extent: DiskExtent, work: Promise<T>): Promise<T> => {
    try {
      return await work
    } catch (cause) {
      const error = toStoreError(cause, 'reading an extent failed')
      judge(held, extent, error)
      throw error
    }
  }
  const readBody = (held: Held, extent: DiskExtent, range: ByteRange): ByteSource | Promise<ByteSource> => {
    const slice = (body: Uint8Array): ByteSource => {
      observer.read('disk', rangeLength(range))
      return new SliceSource(body, range.start, range.end)
    }
    const known = extent.bytes ?? shelf.get(extent)
    if (known !== undefined) return slice(known)
    return judging(held, extent, loadBody(held, extent)).then((body) => {
      shelf.put(extent, body)
      return slice(body)
    })
  }
  const readFile = async (held: Held, extent: DiskExtent, range: ByteRange, name: string): Promise<ByteSource> => {
    // Before anything is waited for: whoever was let in for this read is charged for it in the same turn.
    const buffers = memory.open()
    let handle: ExtentHandle
    try {
      const acquired = handles.acquire(layout.file(extent.keyHash, name), extent, held.representation)
      handle = acquired instanceof Promise ? await judging(held, extent, acquired) : acquired
    } catch (error) {
      buffers.close()
      throw error
    }
    const onBroken = (error: ProxyError): void => {
      // A file that opens but does not read is as lost as one that reads wrong.
      if (error.reason === 'io') failures.note('read', error)
      judge(held, extent, storeError('corrupt', error.message, error))
    }
    const onRead = (bytes: number): void => observer.read('disk', bytes)
    return await openExtentReader({ handle, extent, range, verify, buffers, onBroken, onRead })
  }
  /** The extent that holds the range now: a merge may have put a larger one in the place of several. */
  const successor = async (held: Held, extent: DiskExtent, range: ByteRange): Promise<DiskExtent | undefined> => {
    const { entry } = await catalog.current(extent.keyHash)
    if (entry === undefined || !sameBytes(entry.representation, held.representation)) return undefined
    return entry.extents.find((other) => other.name !== extent.name && containsRange(other, range))
  }
  const readFileOrSuccessor = async (held: Held, extent: DiskExtent, range: ByteRange, name: string) => {
    try {
      return await readFile(held, extent, range, name)
    } catch (error) {
      const other = toStoreError(error, '').reason === 'gone' ? await successor(held, extent, range) : undefined
      if (other?.name === undefined) throw error
      return await readFile(held, other, range, other.name)
    }
  }

  return (held, extent, range) => {
    if (!(extent instanceof DiskExtent) || !containsRange(extent, range)) {
      return Promise.reject(storeError('misuse', 'not an extent of this tier, or bytes outside it'))
    }
    if (range.start >= range.end) return bufferSource()
    extent.usedAt = now()
    const entry = catalog.peek(extent.keyHash)
    if (entry !== undefined) times.used(entry, rangeLength(range) / entry.heldBytes)
    return extent.name === undefined
      ? readBody(held, extent, range)
      : readFileOrSuccessor(held, extent, range, extent.name)
  }
}
