import {
  type ByteRange,
  type ByteSource,
  concatSources,
  hasConditions,
  rangeLength,
  readConditions,
} from '@s3proxy/protocol'
import type { Answer } from '../answer.ts'
import { passOn } from '../forward.ts'
import { hitHead } from '../heads.ts'
import type { Parts } from '../parts.ts'
import { type FetchedGap, fetchGap } from './fetch-gap.ts'
import { type GapFetch, planGapFetches, totalBytes } from './gap-fetches.ts'
import { openPieces } from './pieces.ts'
import type { ReadContext } from './read.ts'
import { planPieces, type View, type Wanted } from './view.ts'

/**
 * Answers a read of which a part is held: only the rest is fetched, pinned to the held ETag by `If-Match`, and each such
 * answer is also S3's consent to this client. Undefined if that is not possible or turned out not to be: then the
 * client's request goes up as it is.
 */
export async function complete(
  parts: Parts,
  context: ReadContext,
  view: View,
  wanted: Wanted & { readonly kind: 'wanted' },
): Promise<Answer | undefined> {
  const { classified, exchange, read } = context
  const coverage = planPieces(view, wanted.range)
  if (coverage.kind === 'covered' || classified.signed('if-match')) return undefined
  if (hasConditions(readConditions(exchange.head.headers))) return undefined
  const fetches = planGapFetches(coverage.gaps, {
    // The number of a part stands in the query, which every signature covers.
    isFixed: read.part !== undefined || (wanted.partial && classified.signed('range')),
    size: view.representation.size,
    pageBytes: read.policy.pageBytes,
  })
  if (fetches.length === 0) return undefined

  const fetched = await fetchAll(parts, context, view, fetches)
  const refused = fetched.find((each) => each.kind === 'refused')
  if (refused !== undefined) {
    for (const each of fetched) if (each !== refused) abandon(each)
    return passOn(exchange, refused.response, { kind: 'miss', fill: 'status' })
  }
  const reading = fetched.filter((each) => each.kind === 'reading')
  const [first] = reading
  if (first === undefined || reading.length < fetched.length) {
    for (const each of fetched) abandon(each)
    return undefined
  }
  const needed = fetches.flatMap((gap) => gap.needed)
  const sources = reading.flatMap((each) => each.sources)
  const body = await assemble(parts, view, wanted, needed, sources)
  if (body === undefined) {
    for (const each of reading) abandon(each)
    return undefined
  }
  const head = hitHead({
    representation: view.representation,
    wanted: wanted.range,
    partial: wanted.partial,
    wantsChecksums: read.wantsChecksums,
    part: read.part?.known,
    overrides: read.overrides,
    confirmation: first.response.headers,
    requestId: exchange.requestId,
    ageSeconds: undefined,
  })
  return {
    kind: 'response',
    head,
    body,
    cache: { kind: 'partial', stored: first.stored },
    objectSize: view.representation.size,
    bytesFromCache: rangeLength(wanted.range) - totalBytes(needed),
  }
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
  wanted: Wanted & { readonly kind: 'wanted' },
  needed: readonly ByteRange[],
  sources: readonly ByteSource[],
): Promise<ByteSource | undefined> {
  const ordered: ByteSource[] = []
  let position = wanted.range.start
  const appendHeld = async (end: number): Promise<boolean> => {
    if (position >= end) return true
    const planned = planPieces(view, { start: position, end })
    if (planned.kind === 'gaps') return false
    const opened = await openPieces(parts.store, planned.pieces)
    if (opened.kind === 'lost') return false
    ordered.push(opened.source)
    return true
  }
  const giveUp = (): undefined => {
    for (const source of ordered) source.cancel()
    return undefined
  }
  for (const [index, range] of needed.entries()) {
    const source = sources[index]
    if (source === undefined || !(await appendHeld(range.start))) return giveUp()
    ordered.push(source)
    position = range.end
  }
  if (!(await appendHeld(wanted.range.end))) return giveUp()
  return concatSources(ordered)
}
