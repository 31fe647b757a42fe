import { type ByteRange, type ByteSource, containsRange, rangeLength } from '@s3proxy/protocol'
import type { BeginOptions, CacheStore, Extent, FillStart, Held, Representation } from '../cache-store.ts'
import { noopObserver, type StoreObserver } from '../observer.ts'
import { representationBytes, sameBytes, sameState } from '../representation.ts'
import { storeError } from '../store-error.ts'
import type { Eviction, Ticket } from './eviction/eviction.ts'
import { createS3Fifo } from './eviction/s3-fifo.ts'
import { ExtentSource } from './extent-source.ts'
import { type MemoryEntry, MemoryHeld, type MemoryLookup, type MemoryOwner } from './memory-entry.ts'
import { MemoryExtent } from './memory-extent.ts'
import { createMemoryWriter, type MemoryWriter } from './memory-writer.ts'

export interface MemoryTierOptions {
  /**
   * Upper bound of everything held and reserved, in bytes, overhead included. What the eviction policy remembers of the
   * past takes its part of it, but is not in `usage()`: it stays when everything has gone.
   */
  readonly maxBytes: number
  /** Largest extent taken. Default: an eighth of `maxBytes`, so that no single object empties the tier. */
  readonly maxExtentBytes?: number
  /**
   * Bytes that fills under way may have reserved together. Default: a quarter of `maxBytes`, so that a burst of things
   * nobody may want again leaves most of what is held alone. A fill by itself may have more.
   */
  readonly maxFillBytes?: number
  /** Who leaves first. Default: S3-FIFO. */
  readonly eviction?: Eviction<MemoryOwner>
  /** Milliseconds since the epoch. Default `Date.now`. */
  readonly now?: () => number
  /** Default: nobody. */
  readonly observer?: StoreObserver
}

/** A {@link CacheStore} that never waits. */
export interface MemoryTier extends CacheStore {
  lookup(key: string): MemoryLookup
  read(held: Held, extent: Extent, range: ByteRange): ByteSource
  begin(representation: Representation, range: ByteRange, options?: BeginOptions): MemoryFillStart
  /** `save` for use inside another tier's critical section. */
  saveNow(representation: Representation, validatedAt: number): boolean
  /** Forgets what is held of the key unless it has the same bytes as `representation`, which is now current elsewhere. */
  supersede(representation: Representation): void
  /** Forgets everything; fills under way go on. */
  clear(): void
}

/** {@link FillStart} with a writer that can commit without waiting. */
export type MemoryFillStart =
  | { readonly kind: 'writer'; readonly writer: MemoryWriter }
  | Extract<FillStart, { readonly kind: 'refused' }>

/** Bytes of memory per extent for the objects around its buffer, the policy's note included (`bench/micro/memory-per-entry.ts`). */
const extentOverheadBytes = 472
/** The same per key, beside the representation. */
const entryOverheadBytes = 264

/** A tier in RAM: every byte and every object around it is charged to `maxBytes`, which holds at every moment. */
export function createMemoryTier(options: MemoryTierOptions): MemoryTier {
  const { maxBytes, now = Date.now, observer = noopObserver } = options
  const maxExtentBytes = options.maxExtentBytes ?? Math.floor(maxBytes / 8)
  const eviction = options.eviction ?? createS3Fifo<MemoryOwner>()
  const maxFillBytes = options.maxFillBytes ?? Math.floor(maxBytes / 4)
  const entries = new Map<string, MemoryEntry>()
  let usedBytes = 0
  /** Bytes of what the policy holds: `usedBytes` without the records of entries that have extents. */
  let weighedBytes = 0
  let reservedBytes = 0
  /** Bytes of what has left while it was being read. */
  let lingeringBytes = 0
  let closed = false
  /** Length of the fill that room is being made for; 0: none. */
  let wantedBytes = 0
  /** Memory of that length that has become free meanwhile. New memory costs the kernel and the garbage collector more than a copy. */
  let spare: Buffer<ArrayBuffer> | undefined

  /** What hangs on representations, held yet or not: they may be promoted from elsewhere with it. */
  const attachedBytes = new WeakMap<Representation, number>()
  const recordBytesOf = (representation: Representation): number =>
    representationBytes(representation) + entryOverheadBytes + (attachedBytes.get(representation) ?? 0)

  const enter = (owner: MemoryOwner, identity: string, weight: number): Ticket<MemoryOwner> => {
    weighedBytes += weight
    return eviction.add(owner, identity, weight)
  }
  const withdraw = (ticket: Ticket<MemoryOwner>): void => {
    weighedBytes -= ticket.weight
    eviction.remove(ticket)
  }
  const forget = (entry: MemoryEntry): void => {
    entries.delete(entry.found.held.representation.key)
    if (entry.ticket !== undefined) withdraw(entry.ticket)
    for (const extent of entry.extents) dropExtent(extent)
    entry.extents = []
    usedBytes -= entry.recordBytes
  }
  const dropExtent = (extent: MemoryExtent): void => {
    if (extent.ticket !== undefined) withdraw(extent.ticket)
    usedBytes -= extent.bytes.length + extentOverheadBytes
    if (extent.bytes.length === wantedBytes && extent.memory === 'given-back') {
      extent.memory = 'taken'
      spare = extent.bytes
    }
    if (extent.readers === 0) return
    extent.lingers = true
    lingeringBytes += extent.bytes.length
  }
  const onUnread = (extent: MemoryExtent): void => {
    if (!extent.lingers) return
    extent.lingers = false
    lingeringBytes -= extent.bytes.length
  }
  const noteRead = (extent: MemoryExtent, start: number, end: number): void => {
    if (extent.noteRead(start, end) && extent.ticket !== undefined) eviction.hit(extent.ticket)
    observer.read('memory', end - start)
  }
  const setHeld = (entry: MemoryEntry, representation: Representation, validatedAt: number): void => {
    const { agreedAt } = entry.found.held
    entry.found = { kind: 'held', held: new MemoryHeld(representation, validatedAt, entry.extents, agreedAt) }
  }

  /** Evicts until `bytes` more fit; false if they cannot. */
  const makeRoom = (bytes: number): boolean => {
    if (closed) return false
    const incomingBytes = reservedBytes + bytes
    let evictedBytes = 0
    for (;;) {
      const capacityBytes = maxBytes - eviction.overheadBytes - lingeringBytes
      if (usedBytes + incomingBytes <= capacityBytes) return true
      // What is being read frees nothing when it leaves: not everything is given up for that.
      if (incomingBytes > capacityBytes || evictedBytes > bytes + maxExtentBytes) return false
      const owner = eviction.evict(incomingBytes, capacityBytes - (usedBytes - weighedBytes))
      if (owner === undefined) return false
      const before = usedBytes
      if (owner instanceof MemoryExtent) evictExtent(owner)
      else forget(owner)
      evictedBytes += before - usedBytes
      observer.evicted('memory', before - usedBytes)
    }
  }
  const evictExtent = (extent: MemoryExtent): void => {
    const entry = entries.get(extent.key)
    if (entry === undefined) return
    if (entry.extents.length === 1) {
      forget(entry)
      return
    }
    dropExtent(extent)
    entry.extents = entry.extents.filter((other) => other !== extent)
    setHeld(entry, entry.found.held.representation, entry.found.held.validatedAt)
  }

  /** Makes room for a fill of `length` bytes, `bytes` with all around it; its memory, or undefined if there is no room. */
  const memoryFor = (length: number, bytes: number): Buffer<ArrayBuffer> | undefined => {
    wantedBytes = length
    const hasRoom = makeRoom(bytes)
    wantedBytes = 0
    const memory = spare
    spare = undefined
    return hasRoom ? (memory ?? Buffer.allocUnsafeSlow(length)) : undefined
  }

  /** Makes `representation` the current one of its key. Room for it must have been made. */
  const publish = (heard: Representation, validatedAt: number, extent: MemoryExtent | undefined): void => {
    const { key } = heard
    const old = entries.get(key)
    const kept = old !== undefined && sameBytes(old.found.held.representation, heard) ? old : undefined
    // Of two descriptions of the same bytes the one that was confirmed later stands.
    const isLate = kept !== undefined && kept.found.held.validatedAt > validatedAt
    const representation = isLate ? kept.found.held.representation : heard
    let extents = kept?.extents ?? []
    if (extent !== undefined && !extents.some((other) => containsRange(other, extent))) {
      extents = [...extents.filter((other) => !containsRange(extent, other)), extent]
      extent.ticket = enter(extent, `${key}\n${extent.start}`, extent.bytes.length + extentOverheadBytes)
      usedBytes += extent.bytes.length + extentOverheadBytes
      observer.written('memory', extent.bytes.length)
    }
    if (old !== undefined) {
      old.extents = old.extents.filter((other) => !extents.includes(other))
      forget(old)
    }
    const held = new MemoryHeld(
      representation,
      Math.max(validatedAt, kept?.found.held.validatedAt ?? 0),
      extents,
      now(),
    )
    const entry: MemoryEntry = {
      found: { kind: 'held', held },
      extents,
      recordBytes: recordBytesOf(representation),
      ticket: undefined,
    }
    if (extents.length === 0) entry.ticket = enter(entry, key, entry.recordBytes)
    usedBytes += entry.recordBytes
    entries.set(key, entry)
    // What the policy remembers may have grown.
    makeRoom(0)
  }

  const clear = (): void => {
    for (const entry of [...entries.values()]) forget(entry)
  }
  const supersede = (representation: Representation): void => {
    const entry = entries.get(representation.key)
    if (entry !== undefined && !sameBytes(entry.found.held.representation, representation)) forget(entry)
  }
  const saveNow = (representation: Representation, validatedAt: number): boolean => {
    supersede(representation)
    if (!makeRoom(recordBytesOf(representation))) return false
    publish(representation, validatedAt, undefined)
    return true
  }

  return {
    lookup(key) {
      const entry = entries.get(key)
      if (entry === undefined) return absent
      if (entry.ticket !== undefined) eviction.hit(entry.ticket)
      return entry.found
    },
    read(_held, extent, range) {
      if (!(extent instanceof MemoryExtent) || !containsRange(extent, range)) {
        throw storeError('misuse', 'not an extent of this tier, or bytes outside it')
      }
      if (extent.memory === 'taken') throw storeError('closed', 'the extent has been evicted')
      noteRead(extent, range.start, range.end)
      return new ExtentSource(extent, range, onUnread)
    },
    whole(held) {
      const extent = held.extents[0]
      if (!(extent instanceof MemoryExtent) || extent.memory === 'taken') return undefined
      if (extent.bytes.length !== held.representation.size) return undefined
      noteRead(extent, extent.start, extent.end)
      return extent.bytes
    },
    attach(representation, bytes) {
      attachedBytes.set(representation, (attachedBytes.get(representation) ?? 0) + bytes)
      const entry = entries.get(representation.key)
      if (entry?.found.held.representation !== representation) return
      entry.recordBytes += bytes
      usedBytes += bytes
      makeRoom(0)
    },
    begin(representation, range) {
      if (closed) return { kind: 'refused', reason: 'disabled' }
      const length = rangeLength(range)
      const bytes = length + extentOverheadBytes + recordBytesOf(representation)
      if (length > maxExtentBytes || bytes > maxBytes) return { kind: 'refused', reason: 'too-large' }
      if (reservedBytes > 0 && reservedBytes + bytes > maxFillBytes) return { kind: 'refused', reason: 'no-space' }
      const fillMemory = memoryFor(length, bytes)
      if (fillMemory === undefined) return { kind: 'refused', reason: 'no-space' }
      let reservation = bytes
      const release = (): void => {
        reservedBytes -= reservation
        reservation = 0
      }
      const host = {
        release,
        publish: (extent: MemoryExtent, validatedAt: number): boolean => {
          release()
          if (!closed) publish(representation, validatedAt, extent)
          return !closed
        },
      }
      reservedBytes += bytes
      return { kind: 'writer', writer: createMemoryWriter(host, representation, range, fillMemory) }
    },
    saveNow,
    supersede,
    async save(representation, validatedAt, guard) {
      return guard() && saveNow(representation, validatedAt)
    },
    refresh(representation, validatedAt) {
      const entry = entries.get(representation.key)
      if (entry === undefined) return
      const { held } = entry.found
      if (!sameState(held.representation, representation)) return
      held.agreedAt = Math.max(held.agreedAt, Math.min(validatedAt, now()))
      if (held.validatedAt < validatedAt) setHeld(entry, held.representation, validatedAt)
    },
    async remove(key) {
      const entry = entries.get(key)
      if (entry !== undefined) forget(entry)
    },
    recheck: () => undefined,
    usage: () => ({
      memoryBytes: usedBytes + reservedBytes + lingeringBytes,
      memoryEntries: entries.size,
      diskBytes: 0,
    }),
    clear,
    async close() {
      closed = true
      clear()
    },
  }
}

const absent: MemoryLookup = { kind: 'absent', reason: 'unknown' }
