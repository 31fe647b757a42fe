import type { ByteRange } from '@s3proxy/protocol'
import type { BeginOptions, CacheStore, FillStart, FillWriter, Representation } from '../cache-store.ts'
import { maxDescriptionBytes, maxEmbeddedBytes, maxRecordFileBytes } from '../record.ts'
import { sameState } from '../representation.ts'
import { storeError } from '../store-error.ts'
import { createBodyShelf } from './body-shelf.ts'
import { createBreaker } from './breaker.ts'
import { createCatalog } from './catalog.ts'
import { createCensus } from './census.ts'
import { extentCharge, maxDirectoryGrowth, maxRecordCharge } from './charge.ts'
import { createClaims } from './claims.ts'
import { createDirectory } from './directory.ts'
import { DiskExtent } from './disk-extent.ts'
import type { ResolvedDiskTierOptions } from './disk-tier.ts'
import { createEvictor } from './evictor.ts'
import { createExtentAccess } from './extent-access.ts'
import { isStorable } from './extent-format.ts'
import { createFailures } from './failures.ts'
import { createFence } from './fence.ts'
import { createFill, type FillHost } from './fill.ts'
import { createHalfLife } from './half-life.ts'
import { createHandles } from './handles.ts'
import { createKeyLock } from './key-lock.ts'
import { hashKey, type Layout } from './layout.ts'
import type { Ledger } from './ledger.ts'
import { createLoader } from './load.ts'
import { createMerger } from './merger.ts'
import { createPacker } from './packer.ts'
import { createPublisher, type Publisher } from './publisher.ts'
import { createRecords } from './records.ts'
import { createRemover } from './remover.ts'
import { createReports } from './reports.ts'
import { reserveRoom } from './reserve-room.ts'
import { createRunMemory } from './run-buffers.ts'
import { createKeySampler } from './sample-keys.ts'
import type { Score } from './score.ts'
import { createScrubber } from './scrubber.ts'
import { createShareCounter } from './share-counter.ts'
import { createShareFile } from './share-file.ts'
import { createShares, type ShareHint } from './shares.ts'
import { createSpace } from './space.ts'
import { createSweeper } from './sweeper.ts'
import { createTimes, noTimes } from './times.ts'
import { createUpkeep } from './upkeep.ts'
import { createVolumeFloor } from './volume-floor.ts'
import { createWritten } from './written.ts'

export interface DiskStoreOptions extends ResolvedDiskTierOptions {
  readonly layout: Layout
  readonly temporaryName: () => string
  /** This instance's name, as temporary files carry it. */
  readonly life: string
  /** What shares took in an earlier life. */
  readonly shareHint: ShareHint
  /** The account that the instances on the directory share. */
  readonly ledger: Ledger
}

export interface DiskStore {
  readonly store: CacheStore
  /** Whether other instances are at work on the directory, or may be, at a time (now, milliseconds since the epoch). */
  readonly isShared: (at: number) => boolean
}

/** What is claimed of the shared account at once, as a share of `maxBytes`, and at most. */
const chunkShare = 1 / 128
const maxChunkBytes = 64 * 1024 * 1024

/** What a full volume is asked to give back at once, as a share of `maxBytes`. */
const fullShare = 1 / 64

/** Fewer neighbouring extents are not worth a merge. */
const minMergedExtents = 4

/** The disk tier on a directory that has been claimed: the parts, and the contract on top of them. */
export async function createDiskStore(options: DiskStoreOptions): Promise<DiskStore> {
  const { layout, now, observer, maxBytes, temporaryName } = options
  let closed = false

  const reads = createBreaker({ now })
  const writes = createBreaker({ now })
  const failures = createFailures({
    observer,
    reads,
    writes,
    onFull: () => evictor.wake(Math.ceil(maxBytes * fullShare)),
  })
  const onError = (error: unknown): void => {
    failures.note('remove', error)
  }
  const onScanError = (error: unknown): void => {
    failures.note('scan', error)
  }
  const onShortage = (): void => evictor.wake()
  const locks = createKeyLock()
  const load = createLoader({ ...options, onError })
  const halfLife = createHalfLife({ now })
  const space = createSpace({
    ...options,
    chunkBytes: Math.min(maxChunkBytes, Math.ceil(maxBytes * chunkShare)),
    isCurrent: () => claims.isCurrent(),
    onShortage,
    onWant: () => claims.nudge(),
  })
  const reports = createReports({ ...options, space })
  const claims = createClaims({
    ...options,
    reports,
    space,
    onPurged: () => {
      catalog.clear()
      handles.closeIdle()
      options.onPurged()
    },
    onError: onScanError,
  })
  const fs = createFence(options.fs, () => (claims.isCurrent() ? undefined : claims.confirm()))
  const handles = createHandles({ ...options, fs, onError })
  const directory = createDirectory({ ...options, fs, handles, space, onError })
  const catalog = createCatalog({
    ...options,
    maxAgeMs: (at) => (claims.isShared(at) ? options.indexMaxAgeMs : options.aloneMaxAgeMs),
    load,
    breaker: reads,
    onSeen: (entry) => times.seen(entry),
    onCorrupt: (keyHash) => {
      observer.corrupt('record')
      remover.repair(keyHash)
    },
    onFailure: (error) => failures.note('lookup', error),
  })
  const times = createTimes({
    ...options,
    locks,
    catalog,
    halfLife,
    onError: (error) => failures.note('refresh', error),
  })
  const scoreOf = (keyHash: string): Score | undefined => {
    const entry = catalog.peek(keyHash)
    return entry === undefined ? undefined : times.score(entry)
  }
  const sample = createKeySampler({ ...options, onError: onScanError })
  const shares = createShares({
    rules: options.spaceRules,
    maxPinnedBytes: maxBytes - options.headroomBytes,
    assumed: options.shareHint,
    load,
    sample,
    scoreOf,
    evict: (keyHash, wantedBytes) => remover.evict(keyHash, wantedBytes),
    onError: onScanError,
  })
  const written = createWritten({
    maxBytes: options.maxWrittenBytes,
    evict: (keyHash, wantedBytes) => remover.evict(keyHash, wantedBytes),
    onError: onScanError,
  })
  const shareCounter = createShareCounter({ ...options, rules: options.spaceRules, shares, load, onError: onScanError })
  const shareFile = createShareFile({
    ...options,
    hint: shares.hint,
    discard: directory.discard,
    onError: onScanError,
  })
  const remover = createRemover({ ...options, shares, written, locks, catalog, directory, load, failures })
  const evictor = createEvictor({
    ...options,
    space,
    leastUsed: catalog.leastUsed,
    scoreOf,
    sample,
    isPinned: shares.isPinned,
    halfLife,
    evict: remover.evict,
    onError: (error) => failures.note('evict', error),
  })
  const sweeper = createSweeper({
    ...options,
    space,
    census: createCensus({ space, view: claims.view }),
    isCounter: claims.isCounter,
    settle: claims.settle,
    isReserved: claims.accountsFor,
    tidy: remover.tidy,
    onError: onScanError,
  })
  const scrubber = createScrubber({
    ...options,
    load,
    bytesPerSecond: options.scrubBytesPerSecond,
    intervalMs: options.scrubIntervalMs,
    onBrokenExtent: (entry, extent) => {
      observer.corrupt('extent')
      remover.removeBroken(entry.found.held, extent)
    },
    onBrokenRecord: (keyHash) => {
      observer.corrupt('record')
      remover.repair(keyHash)
    },
    onRead: observer.scrubbed,
    onError: (error) => failures.note('scan', error),
  })
  const floor = createVolumeFloor({
    ...options,
    directory: layout.root,
    space,
    onShortage: (bytes) => evictor.wake(bytes),
    onChange: (state) => observer.volume(state),
    onError: (error) => failures.note('scan', error),
  })
  const publishOnly = createPublisher({
    layout,
    catalog,
    directory,
    handles,
    times,
    load,
    onChanged(before, after, purpose) {
      shares.changed(before, after)
      written.changed(before, after, purpose)
    },
    now,
    onError,
  })
  const publish: Publisher = async (change) => {
    const entry = await publishOnly(change)
    if (entry !== undefined && change.bytes.kind === 'file') upkeep.note(entry)
    return entry
  }
  const memory = createRunMemory(options)
  // Of what the index may take: a body spares four calls of the file system, an entry a look at a directory.
  const shelf = createBodyShelf(options.maxIndexBytes / 4)
  const reading = { ...options, memory, shelf, catalog, handles, load, failures, onBroken: remover.removeBroken }
  const access = createExtentAccess({ ...reading, times })
  const fills = new Set<FillWriter>()
  const host: FillHost = {
    locks,
    catalog,
    directory,
    handles,
    publish,
    now,
    memory,
    budget: options.budget,
    maxDirtyBytes: options.maxDirtyBytes,
    embedMaxBytes: Math.min(options.embedMaxBytes, maxEmbeddedBytes),
    temporaryPath: () => layout.temporary(temporaryName()),
    read: access,
    onWritten: (bytes) => {
      writes.succeeded()
      observer.written('disk', bytes)
    },
    onFailed: (error) => failures.note('fill', error),
    onEnded: (fill) => fills.delete(fill),
  }
  // A volume that cannot be written may be read all the same.
  await claims.join().catch(onScanError)
  claims.start()
  sweeper.start()
  floor.start()
  shareCounter.start()
  shareFile.start()
  if (options.scrubBytesPerSecond > 0) scrubber.start()

  const isTooLarge = (representation: Representation, range: ByteRange): boolean =>
    !isStorable(representation) ||
    maxRecordFileBytes(representation) > maxDescriptionBytes ||
    !(range.start >= 0 && range.start <= range.end && range.end <= representation.size)

  const begin = (
    representation: Representation,
    range: ByteRange,
    { purpose = 'read' }: BeginOptions = {},
  ): FillStart => {
    if (closed) return { kind: 'refused', reason: 'disabled' }
    if (isTooLarge(representation, range)) return { kind: 'refused', reason: 'too-large' }
    if (claims.isStuck() || !writes.allows()) return { kind: 'refused', reason: 'unavailable' }
    const keyHash = hashKey(representation.key)
    const known = catalog.peek(keyHash)
    if (known !== undefined && known.extents.length >= options.maxExtentsPerKey) {
      return { kind: 'refused', reason: 'no-space' }
    }
    const bytes = extentCharge(representation, range) + maxRecordCharge(representation)
    const room = reserveRoom({ shares, written, space }, representation.key, bytes, purpose)
    if (room.kind === 'refused') return room
    const { reservation } = room
    if (!floor.admits()) {
      reservation.release()
      return { kind: 'refused', reason: 'no-space' }
    }
    const writer = createFill(host, { keyHash, representation, range, reservation, purpose })
    fills.add(writer)
    return { kind: 'writer', writer }
  }

  const quietly = createExtentAccess({ ...reading, times: noTimes })
  const hasRoom = (bytes: number): boolean =>
    floor.fits(bytes) &&
    space.shortage === 0 &&
    space.usedBytes + space.reservedBytes + bytes + options.headroomBytes <= maxBytes
  const merger = createMerger({
    catalog,
    limits: { maxBytes: options.maxMergedBytes, minExtents: minMergedExtents },
    read: quietly,
    begin: (representation, range) =>
      shares.fits(representation.key, extentCharge(representation, range))
        ? begin(representation, range)
        : { kind: 'refused', reason: 'no-space' },
    hasRoom,
  })
  const packer = createPacker({
    catalog,
    locks,
    publish,
    read: quietly,
    reserve: (representation, range) => space.reserve(extentCharge(representation, range) + maxDirectoryGrowth),
    hasRoom,
    packing: {
      handles,
      temporaryPath: host.temporaryPath,
      discard: directory.discard,
      now,
      onError: (error) => failures.note('fill', error),
    },
  })
  const jobs = options.compression === 'zstd' ? [merger, packer] : [merger]
  const upkeep = createUpkeep({ ...options, jobs })

  const records = createRecords({ catalog, times, space, floor, publish, onSaved: () => writes.succeeded() })

  const store: CacheStore = {
    lookup: (key) => (closed ? { kind: 'absent', reason: 'unavailable' } : catalog.lookup(key)),
    async read(held, extent, range) {
      if (closed) throw storeError('closed', 'the store is closed')
      if (!(extent instanceof DiskExtent)) throw storeError('misuse', 'not an extent of this tier')
      written.leave(extent.keyHash)
      return await access(held, extent, range)
    },
    whole: () => undefined,
    attach: () => undefined,
    begin(representation, range, beginning) {
      // Whoever fetches what is missing reads the rest.
      if (beginning?.purpose !== 'write' && written.usedBytes > 0) written.leave(hashKey(representation.key))
      return begin(representation, range, beginning)
    },
    async save(representation, validatedAt, guard) {
      if (closed || isTooLarge(representation, { start: 0, end: 0 }) || !writes.allows()) return false
      const keyHash = hashKey(representation.key)
      try {
        return await locks.run(keyHash, () => records.save(keyHash, representation, validatedAt, guard))
      } catch (error) {
        failures.note('save', error)
        return false
      }
    },
    refresh(representation, validatedAt) {
      if (closed) return
      const keyHash = hashKey(representation.key)
      const entry = catalog.fresh(keyHash)
      if (entry !== undefined && !locks.isBusy(keyHash)) {
        if (sameState(entry.representation, representation)) times.confirmed(entry, validatedAt)
        return
      }
      locks
        .run(keyHash, () => records.confirm(keyHash, representation, validatedAt))
        .catch((error: unknown) => failures.note('refresh', error))
    },
    async remove(key) {
      if (!closed) await remover.remove(hashKey(key))
    },
    recheck(key) {
      if (!closed) catalog.recheck(key)
    },
    usage: () => ({
      memoryBytes: 0,
      memoryEntries: 0,
      diskBytes: space.usedBytes,
      volume: floor.state,
      written: { usedBytes: written.usedBytes, limitBytes: options.maxWrittenBytes },
      ...(options.spaceRules.any ? { shares: shares.usage() } : {}),
    }),
    async close() {
      if (closed) return
      closed = true
      await Promise.all([
        sweeper.stop(),
        scrubber.stop(),
        evictor.stop(),
        upkeep.stop(),
        floor.stop(),
        shareCounter.stop(),
        shares.stop(),
        written.stop(),
      ])
      await locks.idle()
      for (const fill of [...fills]) fill.abort()
      await Promise.all([times.idle(), catalog.idle()])
      await locks.idle()
      await shareFile.stop()
      await handles.close()
      await claims.stop().catch(onScanError)
      catalog.clear()
    },
  }
  return { store, isShared: claims.isShared }
}
