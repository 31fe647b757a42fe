import { type Representation, sameBytes } from '@s3proxy/cache-store'
import type { ByteSource, RangeSpec } from '@s3proxy/protocol'
import type { UpstreamResponse } from '@s3proxy/upstream'
import type { Parts } from '../parts.ts'
import { fillBytes, sendUpstream, upstreamHeaders, withRange } from '../send-upstream.ts'
import { expectFill } from './expect-fill.ts'
import type { GapFetch } from './gap-fetches.ts'
import { reconcile } from './learn.ts'
import type { ReadContext } from './read.ts'
import { startFlight } from './start-flight.ts'
import { confirms, readUpstreamAnswer } from './upstream-answer.ts'
import type { View } from './view.ts'

/** What came of asking for a gap. */
export type FetchedGap =
  | {
      readonly kind: 'reading'
      readonly sources: readonly ByteSource[]
      readonly response: UpstreamResponse
      readonly stored: boolean
    }
  /** Nothing to build on: the client's request has to go up as it is. */
  | { readonly kind: 'unusable' }
  /** An error that the client's own request would have met, for the client. */
  | { readonly kind: 'refused'; readonly response: UpstreamResponse }

/** Asks S3 for a gap of what is held, under the client's own signature, if it still has that representation. */
export async function fetchGap(parts: Parts, context: ReadContext, view: View, gap: GapFetch): Promise<FetchedGap> {
  const { exchange, classified, read } = context
  const { representation } = view
  const range = gap.range
  const headers = upstreamHeaders(exchange, classified)
  const sent = range === undefined ? headers : withRange(headers, range)
  sent.push('If-Match', representation.etag)
  const generation = parts.generations.observe(read.bucket, read.key)
  const askedAt = parts.invalidator.asking()
  const expectation = expectFill(parts, context, range ?? gap.needed[0])
  try {
    const response = await sendUpstream(parts, exchange, classified, sent, undefined, fillBytes)
    const asked: RangeSpec | undefined =
      range === undefined ? read.range : { kind: 'closed', first: range.start, last: range.end - 1 }
    const answer = readUpstreamAnswer({ ...read, range: asked, overrides: [] }, response, representation, undefined)
    if (answer.kind !== 'object') return await otherwise(parts, response, representation)
    const reconciled = await reconcile(parts, answer.representation, askedAt)
    const fits = sameBytes(answer.representation, representation) && confirms(representation, response.headers)
    if (reconciled.kind === 'doubtful' || !fits) {
      response.body.cancel()
      await drop(parts, representation)
      return { kind: 'unusable' }
    }
    const started = startFlight(parts, reconciled.representation, answer.range, response, {
      bucket: read.bucket,
      generation,
      askedAt,
      expectation,
    })
    const sources = gap.needed.map((needed) => started.flight.broadcast.join(needed))
    const joined = sources.filter((source) => source !== undefined)
    if (joined.length < sources.length) {
      for (const source of joined) source.cancel()
      return { kind: 'unusable' }
    }
    return { kind: 'reading', sources: joined, response, stored: started.stored }
  } finally {
    expectation.release()
  }
}

/**
 * What an answer without the bytes means. An error that the client's own request would have met as well is the answer;
 * anything that only our Range or If-Match can have caused is not for the client.
 */
async function otherwise(parts: Parts, response: UpstreamResponse, held: Representation): Promise<FetchedGap> {
  const { status } = response
  if (status === 404 || status === 410 || status === 412) await drop(parts, held)
  if (status >= 400 && status !== 412 && status !== 416) return { kind: 'refused', response }
  response.body.cancel()
  return { kind: 'unusable' }
}

function drop(parts: Parts, held: Representation): Promise<void> {
  return parts.invalidator.drop(held.key, 'outdate')
}
