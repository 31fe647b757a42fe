import type { Settlement } from '@s3proxy/coordinator'
import type { ByteRange, RangeSpec } from '@s3proxy/protocol'
import type { Responder } from '../exchange.ts'
import type { Parts } from '../parts.ts'
import { type ReadContext, saysEnough } from './read.ts'
import { planPieces, resolveWanted, type View } from './view.ts'

/** What has to be fetched: empty if a 304 would let the view answer in full; undefined members are not known yet. */
export function missingRanges(
  { read: request }: ReadContext,
  view: View | undefined,
): readonly (ByteRange | undefined)[] {
  if (view === undefined || !saysEnough(request, view)) return [requestedRange(request.range)]
  const wanted = resolveWanted(view.representation.size, request.range)
  if (wanted.kind === 'unsatisfiable') return [requestedRange(request.range)]
  const planned = planPieces(view, wanted.range)
  return planned.kind === 'covered' ? [] : planned.gaps
}

/** The first of the requests on their way that would bring some of `ranges`, if there is one. */
export function firstAwaited(
  parts: Parts,
  key: string,
  ranges: readonly (ByteRange | undefined)[],
): Promise<Settlement> | undefined {
  for (const range of ranges) {
    const awaited = parts.flights.awaited(key, range)
    if (awaited !== undefined) return awaited
  }
  return undefined
}

/** The bytes a Range asks for before the size is known; undefined for a suffix, which may be anywhere. */
export function requestedRange(range: RangeSpec | undefined): ByteRange | undefined {
  if (range === undefined) return { start: 0, end: Number.POSITIVE_INFINITY }
  if (range.kind === 'closed') return { start: range.first, end: range.last + 1 }
  return range.kind === 'from' ? { start: range.first, end: Number.POSITIVE_INFINITY } : undefined
}

/** Waits for `promise` or until the client has gone, whichever comes first. */
export function orGone(promise: Promise<Settlement>, responder: Responder): Promise<Settlement> {
  return new Promise((resolve) => {
    const stopListening = responder.onGone(() => resolve('released'))
    void promise.then((settlement) => {
      stopListening()
      resolve(settlement)
    })
  })
}
