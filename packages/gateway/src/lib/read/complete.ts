import { rangeLength } from '@s3proxy/protocol'
import type { Answer } from '../answer.ts'
import { passOn } from '../forward.ts'
import { hitHead } from '../heads.ts'
import type { Parts } from '../parts.ts'
import { fetchRange } from './fetch-range.ts'
import { createGoOn } from './go-on.ts'
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
  const { exchange, read } = context
  const { range } = wanted
  const coverage = planPieces(view, range)
  if (coverage.kind === 'covered') return undefined
  const goOn = createGoOn(parts, context, view.representation)
  const fetched = await fetchRange(parts, context, view, range, coverage.gaps, goOn)
  if (fetched.kind === 'impossible') return undefined
  if (fetched.kind === 'refused') return passOn(exchange, fetched.response, { kind: 'miss', fill: 'status' })
  const head = hitHead({
    representation: view.representation,
    wanted: range,
    partial: wanted.partial,
    wantsChecksums: read.wantsChecksums,
    part: read.part?.known,
    overrides: read.overrides,
    confirmation: fetched.response.headers,
    requestId: exchange.requestId,
    ageSeconds: undefined,
  })
  return {
    kind: 'response',
    head,
    body: fetched.body,
    cache: { kind: 'partial', stored: fetched.stored },
    objectSize: view.representation.size,
    bytesFromCache: rangeLength(range) - fetched.fetchedBytes,
  }
}
