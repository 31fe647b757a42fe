import type { ByteRange, ByteSource, RawHeaders } from '@s3proxy/protocol'
import type { VolumeState } from './observer.ts'

/** A key's state at one ETag. Bytes belong to a representation, never to a key alone. */
export interface Representation {
  /** The canonical cache key: a binary string, one UTF-16 unit per byte. */
  readonly key: string
  /** The entity tag as the origin sent it, quotes included. */
  readonly etag: string
  /** Complete length in bytes. */
  readonly size: number
  /** Header fields to replay, in the origin's order and spelling; none that speak of one answer only. */
  readonly headers: RawHeaders
  /** Whether `headers` came from an answer to `x-amz-checksum-mode: ENABLED`, so that absent checksums do not exist. */
  readonly checksums: boolean
}

/** An immutable run of bytes of one representation. */
export interface Extent extends ByteRange {
  readonly tier: 'memory' | 'disk'
}

/** What the store holds of one key: a snapshot, valid to read from even if the key is replaced meanwhile. */
export interface Held {
  readonly representation: Representation
  /** When the origin last confirmed the representation, milliseconds since the epoch; 0 when unknown (so: expired). */
  readonly validatedAt: number
  /** In no particular order; may overlap. */
  readonly extents: readonly Extent[]
}

/** Why a key is not there. */
export type AbsentReason = 'unknown' | 'corrupt' | 'unavailable'

export type Lookup =
  | { readonly kind: 'held'; readonly held: Held }
  | { readonly kind: 'absent'; readonly reason: AbsentReason }

/** Why the store will not take a fill. */
export type RefusalReason = 'too-large' | 'no-space' | 'disabled' | 'unavailable'

export type FillStart =
  | { readonly kind: 'writer'; readonly writer: FillWriter }
  | { readonly kind: 'refused'; readonly reason: RefusalReason }

/** What became of a fill. `kept` names the bytes that are now readable; a vetoed or failed fill leaves nothing. */
export type FillResult =
  | { readonly kind: 'stored'; readonly kept: ByteRange }
  | { readonly kind: 'discarded'; readonly reason: 'vetoed' | 'empty' | 'incomplete' | 'failed' }

/** Whom a fill is for: somebody who reads, or nobody yet, since a client has just written it. */
export type FillPurpose = 'read' | 'write'

export interface BeginOptions {
  /**
   * Default `read`. What is stored for `write` takes at most a share of the disk tier until it is read from there; memory does not
   * look at it.
   */
  readonly purpose?: FillPurpose
}

/**
 * A growing extent: bytes in order from the start of the range it was begun for. Exactly one of `commit` and `abort`
 * is called, once, after the last `write` has settled (`abort` also while one hangs). Dropped without either it leaves nothing readable.
 */
export interface FillWriter {
  /**
   * Memory for the whole range, if there is any: bytes that already lie at their place in it when they are written are not
   * copied. Whoever puts them there does so once, in order, and only while the writer is open.
   */
  readonly memory?: Buffer | undefined
  /**
   * Takes the next bytes; the caller does not change `chunk` before `onDone`. A promise means: wait before writing more
   * (the disk lags). Rejects with a `ProxyError` of source `store`; the writer is then dead and `abort` is due. `onDone` is
   * called once, if ever, when the store will not look at `chunk` again: it has been copied or written.
   */
  write(chunk: Uint8Array, onDone?: () => void): void | Promise<void>
  /** Reads back bytes already written (absolute offsets), also after `commit` and while more is written. */
  read(range: ByteRange): ByteSource
  /**
   * Publishes what was written: the record first made current, older representations unreachable at once. `guard` is
   * asked in the key's critical section, right before anything becomes visible; false discards everything.
   * Fewer bytes than the range are published as the shorter extent they are.
   */
  commit(validatedAt: number, guard: () => boolean): Promise<FillResult>
  /** Drops what was written. Never throws. */
  abort(): void
  /**
   * Says, after `commit` has settled, that nobody looks any more at the chunks that were written, at what `read` gave or
   * at `memory`: the store may use that memory for another fill. Nobody must call it.
   */
  giveBack?(): void
}

/** What shares of the disk tier take, in bytes. */
export interface ShareUsage {
  /** Of keys that stay when room is made. */
  readonly pinnedBytes: number
  readonly quotas: readonly { readonly name: string; readonly usedBytes: number; readonly limitBytes: number }[]
}

/** How full the tiers are, in bytes and counts. */
export interface StoreUsage {
  readonly memoryBytes: number
  readonly memoryEntries: number
  readonly diskBytes: number
  /** Shares of the disk tier by rules, if there are any. */
  readonly shares?: ShareUsage | undefined
  /** The share of the disk tier for what has been written and not read since. */
  readonly written?: { readonly usedBytes: number; readonly limitBytes: number }
  /** The volume of the disk tier, as far as is known. */
  readonly volume?: VolumeState | undefined
}

/**
 * The contract of every tier and of the tiers together.
 *
 * The store promises: a published extent is whole, and its bytes are verified before they leave; `lookup` gives at
 * most one representation per key, the one published last; per key, `commit`, `save`, `refresh` and `remove` happen
 * one after the other in the order they were called; of two descriptions of the same bytes the one confirmed later stands,
 * with its headers and its date. Failures are `ProxyError`s of source `store`, never others.
 *
 * The caller promises: a key always means the same resource; a representation's bytes are those of its ETag.
 */
export interface CacheStore {
  /** What is held of `key`. Never rejects: trouble is `absent` with a reason. */
  lookup(key: string): Lookup | Promise<Lookup>
  /**
   * The bytes `range` out of `extent`, one of `held.extents` that contains it. The first run is verified when
   * this returns or resolves, so that a bad block can still become a miss; a later bad block breaks the source and
   * removes the extent.
   */
  read(held: Held, extent: Extent, range: ByteRange): ByteSource | Promise<ByteSource>
  /**
   * Every byte of the object in one buffer, if memory has them so: nothing is copied, and as long as the same extent is held
   * it is the same buffer, never written to. Counts as a read. Undefined: `read` knows.
   */
  whole(held: Held): Buffer | undefined
  /**
   * Something of so many bytes hangs on this very `representation` object, which a lookup gave, for as long as that lives: an
   * answer prepared once. A tier that holds it in memory counts it as its own; others take no note.
   */
  attach(representation: Representation, bytes: number): void
  /** Starts a fill of `range`, reserving its space. Never throws. */
  begin(representation: Representation, range: ByteRange, options?: BeginOptions): FillStart
  /**
   * Makes `representation` the current one of its key without bytes (a HEAD answer, changed metadata). Extents of the
   * same ETag and size stay. `guard` as in {@link FillWriter.commit}. Returns false if vetoed or failed.
   */
  save(representation: Representation, validatedAt: number, guard: () => boolean): Promise<boolean>
  /**
   * Notes that the origin confirmed `representation` at `validatedAt`. Nothing happens if another state of the object is
   * what the store has, were it only one of another Last-Modified: a copy of an object onto itself changes its metadata.
   */
  refresh(representation: Representation, validatedAt: number): void
  /**
   * Makes `key` absent: unreachable when this returns (synchronously), its space freed when the promise resolves. Rejects with a
   * `ProxyError` if it could not be removed for good: absent here all the same, but others who share the store may still find it.
   */
  remove(key: string): Promise<void>
  /** Others who share the store have stored something of `key`: what is remembered of it may be less than what is there. */
  recheck(key: string): void
  usage(): StoreUsage
  /** Waits for pending work. The store refuses everything afterwards. */
  close(): Promise<void>
}
