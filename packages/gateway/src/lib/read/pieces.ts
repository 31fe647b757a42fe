import type { CacheStore } from '@s3proxy/cache-store'
import { type ByteSource, concatSources } from '@s3proxy/protocol'
import type { Piece } from './view.ts'

/** The bytes of a plan, or the news that some can no longer be had. */
export type OpenedPieces = { readonly kind: 'opened'; readonly source: ByteSource } | { readonly kind: 'lost' }

/**
 * Opens a plan. Fills under way are joined now, since they end; the first extent is opened and verified now, so that a
 * bad block can still become a miss; further extents are opened when their turn comes.
 */
export function openPieces(store: CacheStore, pieces: readonly Piece[]): OpenedPieces | Promise<OpenedPieces> {
  const sources: (ByteSource | Promise<ByteSource>)[] = []
  const cancelAll = (): void => {
    for (const source of sources) {
      if (source instanceof Promise) source.then((opened) => opened.cancel()).catch(() => undefined)
      else source.cancel()
    }
  }
  for (const [index, piece] of pieces.entries()) {
    if (piece.kind === 'flight') {
      const joined = piece.flight.broadcast.join(piece.range)
      if (joined === undefined) {
        cancelAll()
        return { kind: 'lost' }
      }
      sources.push(joined)
      continue
    }
    try {
      const open = () => store.read(piece.held, piece.extent, piece.range)
      sources.push(index === 0 ? open() : lazySource(open))
    } catch {
      // The store has reported the bad block itself; for this request it is a miss.
      cancelAll()
      return { kind: 'lost' }
    }
  }
  const [first, ...rest] = sources as [ByteSource | Promise<ByteSource> | undefined, ...ByteSource[]]
  if (!(first instanceof Promise)) return opened(first, rest)
  return first.then(
    (source) => opened(source, rest),
    () => {
      for (const source of rest) source.cancel()
      return { kind: 'lost' as const }
    },
  )
}

function opened(first: ByteSource | undefined, rest: readonly ByteSource[]): OpenedPieces {
  if (first === undefined) return { kind: 'opened', source: concatSources([]) }
  return { kind: 'opened', source: rest.length === 0 ? first : concatSources([first, ...rest]) }
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
  }
}
