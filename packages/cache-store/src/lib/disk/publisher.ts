import { type ByteRange, containsRange } from '@s3proxy/protocol'
import type { FillPurpose, Representation } from '../cache-store.ts'
import { sameBytes, sameRecord } from '../representation.ts'
import type { Catalog } from './catalog.ts'
import { extentCharge, fileCharge } from './charge.ts'
import type { Directory, Placed, Staged } from './directory.ts'
import { type DiskEntry, DiskExtent, fileExtent, heldOf, lengthOf } from './disk-extent.ts'
import type { Handle, Handles } from './handles.ts'
import { type Layout, recordName, representationId } from './layout.ts'
import type { Loader } from './load.ts'
import type { ExtentTail } from './open-extent.ts'
import { neverUsed, type Score } from './score.ts'
import type { Reservation } from './space.ts'
import type { Times } from './times.ts'

/** Bytes that a change brings along. */
export type NewBytes =
  | { readonly kind: 'none' }
  /** The whole object, to be kept inside the record. */
  | { readonly kind: 'body'; readonly body: Uint8Array }
  /** A whole extent file, still under a temporary name. */
  | {
      readonly kind: 'file'
      readonly range: ByteRange
      readonly path: string
      readonly handle: Handle
      readonly tail: ExtentTail
      /** The length of the file if it is compressed. */
      readonly packedBytes?: number
    }

/** A new state of a key. */
export interface Change {
  readonly keyHash: string
  readonly representation: Representation
  readonly validatedAt: number
  readonly guard: () => boolean
  /** What is current, from the same serial section. */
  readonly previous: DiskEntry | undefined
  /** Whether others have stored something since `previous` was read. */
  readonly hasNews: () => boolean
  readonly bytes: NewBytes
  /** What was set aside for the bytes. */
  readonly reservation: Reservation
  /** Of the fill, if one is published. */
  readonly purpose?: FillPurpose
}

export interface PublisherOptions {
  readonly layout: Layout
  readonly catalog: Catalog
  readonly directory: Directory
  readonly handles: Handles
  readonly times: Times
  readonly load: Loader
  /** The key's state on disk is another one. Called before what was reserved for it is given back. */
  readonly onChanged: (before: DiskEntry | undefined, after: DiskEntry, purpose: FillPurpose | undefined) => void
  /** Milliseconds since the epoch. */
  readonly now: () => number
  readonly onError: (error: unknown) => void
}

/**
 * Makes changes visible, in the key's serial section and in this order: the record is written under a temporary name,
 * the guard is asked, the extent is renamed into place, then the record, then memory learns of it, then what became
 * unreachable is removed. A crash at any point leaves the old state or the new one. Resolves to the new entry, or to
 * undefined if the guard said no; rejects if the file system failed, with the old state unharmed.
 */
export type Publisher = (change: Change) => Promise<DiskEntry | undefined>

export function createPublisher(options: PublisherOptions): Publisher {
  const { layout, catalog, directory, handles, times, load, onChanged, now, onError } = options

  /** The extents of the same bytes that stay, and the body if they are inside the record. */
  const inherit = async ({ previous, representation, bytes }: Change): Promise<Inherited> => {
    if (previous === undefined || !sameBytes(previous.representation, representation)) return nothing
    const embedded = previous.extents.some((extent) => extent.name === undefined)
    const rewrite = bytes.kind === 'body' || !sameRecord(previous.representation, representation)
    if (!embedded || !rewrite) return { entry: previous, extents: previous.extents, body: undefined, rewrite }
    const loaded = await load(previous.keyHash)
    const body =
      loaded.kind === 'entry' && sameBytes(loaded.entry.representation, representation) ? loaded.body : undefined
    return { entry: previous, extents: body === undefined ? [] : previous.extents, body, rewrite }
  }

  const stage = async (change: Change, inherited: Inherited): Promise<Staged | undefined> => {
    if (!inherited.rewrite) return undefined
    const { representation, bytes, validatedAt } = change
    const body = bytes.kind === 'body' ? bytes.body : inherited.body
    return await directory.stageRecord(
      { representation, body },
      scoreAfter(change),
      later(validatedAt, inherited.entry),
    )
  }

  /** A key stays as popular as it was, whatever it now holds. */
  const scoreAfter = ({ previous }: Change): Score =>
    previous === undefined ? now() : Math.max(now(), times.score(previous))

  const place = async (change: Change, staged: Staged | undefined, added: DiskExtent | undefined): Promise<void> => {
    const { keyHash, representation, bytes, previous, reservation } = change
    const files: Placed[] = []
    if (bytes.kind === 'file' && added?.name !== undefined) {
      files.push({ path: bytes.path, name: added.name, charge: extentCharge(representation, added) })
    }
    if (staged !== undefined) files.push({ path: staged.path, name: recordName, charge: fileCharge(staged.bytes) })
    try {
      await directory.place(keyHash, files, reservation, previous === undefined)
    } catch (error) {
      const belongs = previous !== undefined && sameBytes(previous.representation, representation)
      if (added?.name !== undefined && !belongs) await directory.removeExtents(keyHash, representation, [added])
      throw error
    }
  }

  return async (given) => {
    const change: Change = { ...given, representation: confirmedLast(given) }
    const { keyHash, representation, validatedAt, guard, previous, bytes } = change
    const inherited = await inherit(change)
    const staged = await stage(change, inherited)
    const added = newExtent(change, now())
    try {
      if (catalog.isHidden(keyHash) || !guard()) {
        if (staged !== undefined) await directory.discard(staged.path)
        return undefined
      }
      await place(change, staged, added)
    } catch (error) {
      if (staged !== undefined) await directory.discard(staged.path)
      throw error
    }
    const extents = added === undefined ? inherited.extents : withExtent(inherited.extents, added)
    const recordedAt = staged === undefined ? (previous?.recordedAt ?? 0) : later(validatedAt, inherited.entry)
    const entry: DiskEntry = {
      keyHash,
      representation,
      extents,
      recordBytes: staged?.bytes ?? previous?.recordBytes ?? 0,
      found: heldOf(representation, later(staged === undefined ? 0 : recordedAt, inherited.entry), extents),
      recordedAt,
      loadedAt: now(),
      heldBytes: lengthOf(extents),
      recordedScore: staged === undefined ? (previous?.recordedScore ?? neverUsed) : scoreAfter(change),
      newScore: staged === undefined ? (previous?.newScore ?? neverUsed) : neverUsed,
      seenAt: now(),
      notedAt: staged === undefined ? (previous?.notedAt ?? 0) : now(),
    }
    const isBehind = change.hasNews() || catalog.peek(keyHash) !== previous
    catalog.set(entry)
    onChanged(previous, entry, change.purpose)
    // Since `previous` was read others may have stored something: only the directory knows all of it.
    if (isBehind) catalog.forget(keyHash)
    if (bytes.kind === 'file' && added?.name !== undefined) {
      handles.adopt(bytes.handle, layout.file(keyHash, added.name), bytes.tail)
    }
    times.confirmed(entry, validatedAt)
    const obsolete = (previous?.extents ?? []).filter((extent) => !extents.includes(extent))
    await directory.removeExtents(keyHash, previous?.representation ?? representation, obsolete).catch(onError)
    return entry
  }
}

interface Inherited {
  readonly entry: DiskEntry | undefined
  readonly extents: readonly DiskExtent[]
  readonly body: Uint8Array | undefined
  /** Whether the record has to be written anew. */
  readonly rewrite: boolean
}

const nothing: Inherited = { entry: undefined, extents: [], body: undefined, rewrite: true }

function newExtent({ keyHash, representation, bytes }: Change, usedAt: number): DiskExtent | undefined {
  switch (bytes.kind) {
    case 'none':
      return undefined
    case 'body':
      return new DiskExtent(keyHash, undefined, { start: 0, end: representation.size }, usedAt)
    case 'file':
      return fileExtent(keyHash, representationId(representation), bytes.range, usedAt, bytes.packedBytes)
  }
}

/** An extent takes the place of those it contains. */
function withExtent(extents: readonly DiskExtent[], added: DiskExtent): readonly DiskExtent[] {
  return [...extents.filter((extent) => !containsRange(added, extent)), added]
}

/** Of two descriptions of the same bytes the one that was confirmed later stands: its headers are the newer ones. */
function confirmedLast({ representation, validatedAt, previous }: Change): Representation {
  const known = previous?.found.held
  if (known === undefined || !sameBytes(known.representation, representation)) return representation
  return known.validatedAt > validatedAt ? known.representation : representation
}

/** A confirmation stands however late a slower fill of the same bytes is published. */
function later(validatedAt: number, known: DiskEntry | undefined): number {
  return Math.max(validatedAt, known?.found.held.validatedAt ?? 0)
}
