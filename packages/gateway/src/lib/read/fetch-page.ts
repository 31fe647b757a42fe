import { type ByteRange, hasConditions, type RangeSpec, readConditions } from '@s3proxy/protocol'
import type { Answer } from '../answer.ts'
import { passOn } from '../forward.ts'
import { hitHead } from '../heads.ts'
import type { Parts } from '../parts.ts'
import { fillBytes, sendUpstream, upstreamHeaders, withRange } from '../send-upstream.ts'
import { expectFill } from './expect-fill.ts'
import { widen } from './gap-fetches.ts'
import { hitRequest } from './hit-request.ts'
import { reconcile } from './learn.ts'
import type { ReadContext } from './read.ts'
import { startFlight } from './start-flight.ts'
import { readUpstreamAnswer } from './upstream-answer.ts'
import { resolveWanted } from './view.ts'

/** The pages to fetch instead of the client's range; undefined if the rule or the signature does not allow that. Pure. */
export function planPage({ exchange, classified, read }: ReadContext): ByteRange | undefined {
  const { pageBytes } = read.policy
  if (pageBytes === 0 || read.range?.kind !== 'closed' || read.overrides.length > 0) return undefined
  if (classified.signed('range') || hasConditions(readConditions(exchange.head.headers))) return undefined
  return widen({ start: read.range.first, end: read.range.last + 1 }, pageBytes, Number.MAX_SAFE_INTEGER)
}

/**
 * Answers a small range of an object of which nothing is known by fetching the whole pages it lies in. Undefined if that
 * turned out not to be possible: then the client's request goes up as it is.
 */
export async function fetchPage(parts: Parts, context: ReadContext, page: ByteRange): Promise<Answer | undefined> {
  const { exchange, classified, read } = context
  const generation = parts.generations.observe(read.bucket, read.key)
  const askedAt = parts.invalidator.asking()
  const expectation = expectFill(parts, context, page)
  try {
    const headers = withRange(upstreamHeaders(exchange, classified), page)
    const response = await sendUpstream(parts, exchange, classified, headers, undefined, fillBytes)
    // Only our range can have met 416; whatever else went wrong would have met the client's own request too.
    if (response.status >= 400 && response.status !== 416)
      return passOn(exchange, response, { kind: 'miss', fill: 'status' })
    const asked: RangeSpec = { kind: 'closed', first: page.start, last: page.end - 1 }
    const answer = readUpstreamAnswer({ ...read, range: asked }, response, undefined, undefined)
    const wanted = answer.kind === 'object' ? resolveWanted(answer.representation.size, read.range) : undefined
    const reconciled = answer.kind === 'object' ? await reconcile(parts, answer.representation, askedAt) : undefined
    if (answer.kind !== 'object' || wanted?.kind !== 'wanted' || reconciled?.kind !== 'believed') {
      response.body.cancel()
      return undefined
    }
    const { representation } = reconciled
    const started = startFlight(parts, representation, answer.range, response, {
      bucket: read.bucket,
      generation,
      askedAt,
      expectation,
    })
    const body = started.flight.broadcast.join(wanted.range)
    if (body === undefined) return undefined
    read.policy.authoriser.accepted?.(hitRequest(askedAt, context))
    const head = hitHead({
      representation,
      wanted: wanted.range,
      partial: true,
      wantsChecksums: read.wantsChecksums,
      part: undefined,
      overrides: [],
      confirmation: response.headers,
      requestId: exchange.requestId,
      ageSeconds: undefined,
    })
    const cache = { kind: 'miss', fill: started.stored ? 'stored' : 'store-refused' } as const
    return { kind: 'response', head, body, cache, objectSize: representation.size, bytesFromCache: 0 }
  } finally {
    expectation.release()
  }
}
