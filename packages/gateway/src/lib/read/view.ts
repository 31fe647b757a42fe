import { type Extent, type Held, planRead, type Representation, sameBytes } from '@s3proxy/cache-store'
import type { Flight } from '@s3proxy/coordinator'
import { type ByteRange, type RangeSpec, resolveRange } from '@s3proxy/protocol'

/** What can be had of a key without asking for more bytes: one representation, in the store and in fills under way. */
export interface View {
  readonly representation: Representation
  /** When S3 last confirmed it, milliseconds since the epoch. */
  readonly validatedAt: number
  readonly held: Held | undefined
  readonly flights: readonly Flight<Representation>[]
}

/** A stretch of an answer and where its bytes come from. */
export type Piece =
  | { readonly kind: 'held'; readonly held: Held; readonly extent: Extent; readonly range: ByteRange }
  | { readonly kind: 'flight'; readonly flight: Flight<Representation>; readonly range: ByteRange }

/** What a view has of the bytes of a range. */
export type Coverage =
  | { readonly kind: 'covered'; readonly pieces: readonly Piece[] }
  | { readonly kind: 'gaps'; readonly gaps: readonly ByteRange[] }

/** The bytes a read wants of an object of known size. */
export type Wanted =
  | { readonly kind: 'wanted'; readonly range: ByteRange; readonly partial: boolean }
  | { readonly kind: 'unsatisfiable' }

/**
 * The newest representation known. A fill under way heard from S3 later than what is stored, so it wins; with fills of
 * two representations under way nothing is certain and only the store counts.
 */
export function currentView(held: Held | undefined, flights: readonly Flight<Representation>[]): View | undefined {
  const leading = flights.at(-1)
  const agree =
    leading !== undefined && flights.every((flight) => sameBytes(flight.representation, leading.representation))
  if (leading !== undefined && agree) {
    const stored = held !== undefined && sameBytes(held.representation, leading.representation) ? held : undefined
    const shared = flights.filter((flight) => flight.broadcast.keepsAll)
    const validatedAt = Math.max(stored?.validatedAt ?? 0, ...shared.map((flight) => flight.askedAt))
    if (stored === undefined && shared.length === 0) return undefined
    return { representation: leading.representation, validatedAt, held: stored, flights: shared }
  }
  if (held === undefined) return undefined
  return { representation: held.representation, validatedAt: held.validatedAt, held, flights: [] }
}

/** What `spec` (undefined: everything) means for an object of `size` bytes. */
export function resolveWanted(size: number, spec: RangeSpec | undefined): Wanted {
  const resolved = spec === undefined ? { kind: 'whole' as const } : resolveRange(spec, size)
  switch (resolved.kind) {
    case 'unsatisfiable':
      return { kind: 'unsatisfiable' }
    case 'range':
      return { kind: 'wanted', range: resolved.range, partial: true }
    case 'whole':
      return { kind: 'wanted', range: { start: 0, end: size }, partial: false }
  }
}

/** Plans the bytes of `range` over a view: what is stored first, then what is on its way. Pure. */
export function planPieces(view: View, range: ByteRange): Coverage {
  const pieces: Piece[] = []
  const gaps: ByteRange[] = []
  for (const segment of planRead(range, view.held?.extents ?? [])) {
    if (segment.kind === 'held' && view.held !== undefined) {
      pieces.push({ kind: 'held', held: view.held, extent: segment.extent, range: segment.range })
    } else planFlights(view, segment.range, pieces, gaps)
  }
  return gaps.length === 0 ? { kind: 'covered', pieces } : { kind: 'gaps', gaps }
}

/** Walks along `range` from fill to fill, each time with the one that reaches furthest; what none has is a gap. */
function planFlights({ flights }: View, range: ByteRange, pieces: Piece[], gaps: ByteRange[]): void {
  let position = range.start
  while (position < range.end) {
    const here = flights.filter(({ broadcast }) => broadcast.range.start <= position && position < broadcast.range.end)
    const [first] = here.sort((a, b) => b.broadcast.range.end - a.broadcast.range.end)
    const nextStart = Math.min(
      range.end,
      ...flights.map(({ broadcast }) => broadcast.range.start).filter((start) => start > position),
    )
    const end = first === undefined ? nextStart : Math.min(range.end, first.broadcast.range.end)
    if (first === undefined) gaps.push({ start: position, end })
    else pieces.push({ kind: 'flight', flight: first, range: { start: position, end } })
    position = end
  }
}
