import type { CacheStore } from '@s3proxy/cache-store'
import { type ByteRange, type ByteSource, concatSources, rangeLength } from '@s3proxy/protocol'
import { resumable } from './resumable.ts'
import type { Piece } from './view.ts'

/** The bytes of a plan, or the news that some can no longer be had. */
export type OpenedPieces = { readonly kind: 'opened'; readonly source: ByteSource } | { readonly kind: 'lost' }

/** Finds the bytes of `range` elsewhere, when a fill of another process has broken; undefined if they cannot be had. */
export type GoOn = (range: ByteRange) => Promise<ByteSource | undefined>

/** Extents opened before the answer begins, and the bytes that their first runs may hold together. */
const maxOpenedAhead = 64
const maxBytesAhead = 2 << 20
/** Most bytes that an opened extent holds. */
const firstRunBytes = 256 << 10

/**
 * Opens a plan before its answer begins: fills under way are joined, since they end, and extents are opened and their
 * first bytes verified, so that a bad block can still become a miss and what is replaced meanwhile stays readable. Only
 * extents on disk beyond the first few are opened when their turn comes. With `goOn` a fill of another process may break.
 */
export function openPieces(
  store: CacheStore,
  pieces: readonly Piece[],
  goOn?: GoOn,
): OpenedPieces | Promise<OpenedPieces> {
  const [first, second] = pieces
  if (first !== undefined && second === undefined) return openOnly(store, first, goOn)
  const sources: (ByteSource | Promise<ByteSource>)[] = []
  let bytesAhead = 0
  for (const [index, piece] of pieces.entries()) {
    bytesAhead += Math.min(firstRunBytes, rangeLength(piece.range))
    const ahead = isAtHand(piece) || (index < maxOpenedAhead && bytesAhead <= maxBytesAhead)
    const source = openPiece(store, piece, ahead, goOn)
    if (source === undefined) {
      cancelAll(sources)
      return { kind: 'lost' }
    }
    sources.push(source)
  }
  return sources.some((source) => source instanceof Promise) ? settle(sources) : opened(sources as ByteSource[])
}

/** Memory costs nothing to open, and unopened it may be given to another fill. */
function isAtHand(piece: Piece): boolean {
  return piece.kind === 'held' && piece.extent.tier === 'memory'
}

/** The same for a plan of one piece, as most are. */
function openOnly(store: CacheStore, piece: Piece, goOn?: GoOn): OpenedPieces | Promise<OpenedPieces> {
  const source = openNow(store, piece, goOn)
  if (source === undefined) return { kind: 'lost' }
  return source instanceof Promise ? settle([source]) : { kind: 'opened', source }
}

function openPiece(
  store: CacheStore,
  piece: Piece,
  ahead: boolean,
  goOn: GoOn | undefined,
): ByteSource | Promise<ByteSource> | undefined {
  if (piece.kind === 'flight' || ahead) return openNow(store, piece, goOn)
  return lazySource(() => store.read(piece.held, piece.extent, piece.range))
}

function openNow(
  store: CacheStore,
  piece: Piece,
  goOn: GoOn | undefined,
): ByteSource | Promise<ByteSource> | undefined {
  if (piece.kind === 'flight') {
    const joined = piece.flight.broadcast.join(piece.range)
    if (goOn === undefined || !(joined instanceof Promise)) return joined
    return joined.then((source) => resumable(source, piece.range, goOn))
  }
  try {
    return store.read(piece.held, piece.extent, piece.range)
  } catch {
    // The store has reported the bad block itself; for this request it is a miss.
    return undefined
  }
}

async function settle(sources: readonly (ByteSource | Promise<ByteSource>)[]): Promise<OpenedPieces> {
  const settled = await Promise.allSettled(sources)
  const ready = settled.flatMap((each) => (each.status === 'fulfilled' ? [each.value] : []))
  if (ready.length === sources.length) return opened(ready)
  cancelAll(ready)
  return { kind: 'lost' }
}

function cancelAll(sources: readonly (ByteSource | Promise<ByteSource>)[]): void {
  for (const source of sources) {
    if (source instanceof Promise) source.then((late) => late.cancel()).catch(() => undefined)
    else source.cancel()
  }
}

function opened(sources: readonly ByteSource[]): OpenedPieces {
  const [only, ...more] = sources
  return { kind: 'opened', source: only !== undefined && more.length === 0 ? only : concatSources(sources) }
}

/** A source that is opened by its first `next`. */
function lazySource(open: () => ByteSource | Promise<ByteSource>): ByteSource {
  let source: ByteSource | undefined
  let cancelled = false
  const start = async (): Promise<Uint8Array | null> => {
    const ready = await open()
    if (cancelled) {
      ready.cancel()
      return null
    }
    source = ready
    return ready.next()
  }
  return {
    next: () => (source === undefined ? start() : source.next()),
    cancel(reason) {
      cancelled = true
      source?.cancel(reason)
    },
    recycle: (chunk) => source?.recycle?.(chunk),
  }
}
