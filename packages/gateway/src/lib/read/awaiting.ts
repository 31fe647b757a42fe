import type { Settlement } from '@s3proxy/coordinator'
import type { ByteRange } from '@s3proxy/protocol'
import type { ReadRequest } from '../decide.ts'
import type { Responder } from '../exchange.ts'
import type { Parts } from '../parts.ts'
import type { PartRequest } from './known-part.ts'
import { type ReadContext, saysEnough } from './read.ts'
import { planPieces, resolveWanted, type View } from './view.ts'

/** What has to be fetched: empty if a 304 would let the view answer in full; undefined members are not known yet. */
export function missingRanges(
  { read: request }: ReadContext,
  view: View | undefined,
): readonly (ByteRange | undefined)[] {
  if (view === undefined || !saysEnough(request, view)) return [requestedRange(request)]
  const wanted = resolveWanted(view.representation.size, request.range)
  if (wanted.kind === 'unsatisfiable') return [requestedRange(request)]
  const planned = planPieces(view, wanted.range)
  return planned.kind === 'covered' ? [] : planned.gaps
}

/** The first of the requests on their way that would bring some of `ranges`, if there is one. */
export function firstAwaited(
  parts: Parts,
  request: ReadRequest,
  ranges: readonly (ByteRange | undefined)[],
): Promise<Settlement> | undefined {
  const key = unknownPart(request)?.key ?? request.key
  for (const range of ranges) {
    const awaited = parts.flights.awaited(key, range)
    if (awaited !== undefined) return awaited
  }
  return undefined
}

/** The part asked for, if S3 has yet to say where it lies: then only another read of it can bring it. */
export function unknownPart({ part }: ReadRequest): PartRequest | undefined {
  return part?.known === undefined ? part : undefined
}

/** The bytes a read asks for before the size is known; undefined for a suffix or a part, which may be anywhere. */
export function requestedRange({ range, part }: ReadRequest): ByteRange | undefined {
  if (range === undefined && part !== undefined) return undefined
  if (range === undefined) return { start: 0, end: Number.POSITIVE_INFINITY }
  if (range.kind === 'closed') return { start: range.first, end: range.last + 1 }
  return range.kind === 'from' ? { start: range.first, end: Number.POSITIVE_INFINITY } : undefined
}

/** Waits for `promise` or until the client has gone, which gives `gone`, whichever comes first. */
export function orGone<T>(promise: Promise<T>, responder: Responder, gone: T): Promise<T> {
  return new Promise((resolve) => {
    const stopListening = responder.onGone(() => resolve(gone))
    void promise.then((value) => {
      stopListening()
      resolve(value)
    })
  })
}
