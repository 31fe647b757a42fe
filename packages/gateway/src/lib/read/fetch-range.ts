import { type ByteRange, type ByteSource, concatSources, hasConditions, readConditions } from '@s3proxy/protocol'
import type { UpstreamResponse } from '@s3proxy/upstream'
import type { Parts } from '../parts.ts'
import { type FetchedGap, fetchGap } from './fetch-gap.ts'
import { type GapFetch, planGapFetches, totalBytes } from './gap-fetches.ts'
import { type GoOn, openPieces } from './pieces.ts'
import type { ReadContext } from './read.ts'
import { planPieces, resolveWanted, type View } from './view.ts'

/** What came of fetching what a view lacks of a range. */
export type FetchedRange =
  | {
      readonly kind: 'opened'
      readonly body: ByteSource
      /** S3's first answer. */
      readonly response: UpstreamResponse
      /** Whether the cache takes its bytes. */
      readonly stored: boolean
      readonly fetchedBytes: number
    }
  /** An error that the client's own request would have met, for the client. */
  | { readonly kind: 'refused'; readonly response: UpstreamResponse }
  /** It is not possible, or turned out not to be. */
  | { readonly kind: 'impossible' }

const impossible: FetchedRange = { kind: 'impossible' }

/**
 * Opens `range` of a view that has `gaps` in it: only they are fetched, under the client's own signature, pinned to the ETag by `If-Match`.
 */
export async function fetchRange(
  parts: Parts,
  context: ReadContext,
  view: View,
  range: ByteRange,
  gaps: readonly ByteRange[],
  goOn?: GoOn,
): Promise<FetchedRange> {
  const { classified, exchange, read } = context
  if (classified.signed('if-match') || hasConditions(readConditions(exchange.head.headers))) return impossible
  const { size } = view.representation
  const asked = resolveWanted(size, read.range)
  const fetches = planGapFetches(gaps, {
    // The number of a part stands in the query, which every signature covers.
    isFixed: read.part !== undefined || (asked.kind === 'wanted' && asked.partial && classified.signed('range')),
    size,
    pageBytes: read.policy.pageBytes,
  })
  if (fetches.length === 0) return impossible

  const fetched = await fetchAll(parts, context, view, fetches)
  const refused = fetched.find((each) => each.kind === 'refused')
  if (refused !== undefined) {
    for (const each of fetched) if (each !== refused) abandon(each)
    return refused
  }
  const reading = fetched.filter((each) => each.kind === 'reading')
  const [first] = reading
  if (first === undefined || reading.length < fetched.length) {
    for (const each of fetched) abandon(each)
    return impossible
  }
  const needed = fetches.flatMap((gap) => gap.needed)
  const sources = reading.flatMap((each) => each.sources)
  const body = await assemble(parts, view, range, needed, sources, goOn)
  if (body === undefined) {
    for (const each of reading) abandon(each)
    return impossible
  }
  const { response, stored } = first
  return { kind: 'opened', body, response, stored, fetchedBytes: totalBytes(needed) }
}

/** Asks for every gap at once. If one cannot be asked for, none is used. */
async function fetchAll(
  parts: Parts,
  context: ReadContext,
  view: View,
  fetches: readonly GapFetch[],
): Promise<readonly FetchedGap[]> {
  const settled = await Promise.allSettled(fetches.map((gap) => fetchGap(parts, context, view, gap)))
  const failed = settled.find((each) => each.status === 'rejected')
  const fetched = settled.flatMap((each) => (each.status === 'fulfilled' ? [each.value] : []))
  if (failed === undefined) return fetched
  for (const each of fetched) abandon(each)
  throw failed.reason
}

function abandon(fetched: FetchedGap): void {
  if (fetched.kind === 'reading') for (const source of fetched.sources) source.cancel()
  if (fetched.kind === 'refused') fetched.response.body.cancel()
}

/** Held bytes and fetched ones in order. `needed` and `sources` belong together, one by one. */
async function assemble(
  parts: Parts,
  view: View,
  range: ByteRange,
  needed: readonly ByteRange[],
  sources: readonly ByteSource[],
  goOn: GoOn | undefined,
): Promise<ByteSource | undefined> {
  const ordered: ByteSource[] = []
  let position = range.start
  const appendHeld = async (end: number): Promise<boolean> => {
    if (position >= end) return true
    const planned = planPieces(view, { start: position, end })
    if (planned.kind === 'gaps') return false
    const opened = await openPieces(parts.store, planned.pieces, goOn)
    if (opened.kind === 'lost') return false
    ordered.push(opened.source)
    return true
  }
  const giveUp = (): undefined => {
    for (const source of ordered) source.cancel()
    return undefined
  }
  for (const [index, gap] of needed.entries()) {
    const source = sources[index]
    if (source === undefined || !(await appendHeld(gap.start))) return giveUp()
    ordered.push(source)
    position = gap.end
  }
  if (!(await appendHeld(range.end))) return giveUp()
  return concatSources(ordered)
}
