import type { Representation } from '@s3proxy/cache-store'
import { type ByteSource, filterHeaders, type RangeSpec } from '@s3proxy/protocol'
import type { UpstreamResponse } from '@s3proxy/upstream'
import type { Parts } from '../parts.ts'
import { sendUpstream, upstreamHeaders } from '../send-upstream.ts'
import type { GapFetch } from './gap-fetches.ts'
import { reconcile } from './learn.ts'
import type { ReadContext } from './read.ts'
import { startFlight } from './start-flight.ts'
import { readUpstreamAnswer } from './upstream-answer.ts'
import { isSame, type View } from './view.ts'

/** What came of asking for a gap. */
export type FetchedGap =
  | {
      readonly kind: 'reading'
      readonly sources: readonly ByteSource[]
      readonly response: UpstreamResponse
      readonly stored: boolean
    }
  /** S3 has another representation now. */
  | { readonly kind: 'changed' }
  /** Not an answer to build on: an error, for the client. */
  | { readonly kind: 'refused'; readonly response: UpstreamResponse }

/** Asks S3 for a gap of what is held, under the client's own signature, if it still has that representation. */
export async function fetchGap(parts: Parts, context: ReadContext, view: View, gap: GapFetch): Promise<FetchedGap> {
  const { exchange, classified, read } = context
  const { representation } = view
  const range = gap.range
  const headers = upstreamHeaders(exchange, classified)
  const sent = range === undefined ? headers : filterHeaders(headers, (name) => name !== 'range')
  if (range !== undefined) sent.push('Range', `bytes=${range.start}-${range.end - 1}`)
  sent.push('If-Match', representation.etag)
  const generation = parts.generations.observe(read.bucket, read.key)
  const askedAt = parts.now()
  const expectation = parts.flights.expect(read.key, range ?? gap.needed[0])
  try {
    const response = await sendUpstream(parts.upstream, exchange, classified, sent, undefined)
    if (response.status === 412) return await changed(parts, response, representation)
    const asked: RangeSpec | undefined =
      range === undefined ? read.range : { kind: 'closed', first: range.start, last: range.end - 1 }
    const answer = readUpstreamAnswer({ ...read, range: asked, overrides: [] }, response, representation, undefined)
    if (answer.kind !== 'object') return { kind: 'refused', response }
    const reconciled = await reconcile(parts, answer.representation, askedAt)
    if (reconciled.kind === 'doubtful' || !isSame(answer.representation, representation)) {
      return await changed(parts, response, representation)
    }
    const started = startFlight(parts, reconciled.representation, answer.range, response, {
      generation,
      askedAt,
      expectation,
    })
    const sources = gap.needed.map((needed) => started.flight.broadcast.join(needed))
    const joined = sources.filter((source) => source !== undefined)
    if (joined.length < sources.length) {
      for (const source of joined) source.cancel()
      return { kind: 'changed' }
    }
    return { kind: 'reading', sources: joined, response, stored: started.stored }
  } finally {
    expectation.release()
  }
}

async function changed(parts: Parts, response: UpstreamResponse, held: Representation): Promise<FetchedGap> {
  response.body.cancel()
  parts.generations.bumpKey(held.key)
  await parts.store.remove(held.key)
  return { kind: 'changed' }
}
