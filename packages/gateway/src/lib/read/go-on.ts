import { type Representation, sameBytes } from '@s3proxy/cache-store'
import type { ByteRange, ByteSource } from '@s3proxy/protocol'
import type { Parts } from '../parts.ts'
import { orGone } from './awaiting.ts'
import { fetchRange } from './fetch-range.ts'
import { type GoOn, openPieces } from './pieces.ts'
import type { ReadContext } from './read.ts'
import { currentView, planPieces, type View } from './view.ts'

/** How often one answer goes on after a fill of another process was lost. */
const maxResumptions = 4
/** How often it looks for the rest each time: others may be on their way to the same bytes, and fail too. */
const maxLooks = 8

/**
 * How an answer that has begun goes on when the process whose fill it follows dies, or that fill breaks: with what is stored by
 * now, with another fill, or by asking S3 for what is still missing, under the client's own signature.
 */
export function createGoOn(parts: Parts, context: ReadContext, representation: Representation): GoOn {
  let resumptions = 0
  const goOn: GoOn = async (range) => {
    if (++resumptions > maxResumptions) return undefined
    try {
      return await openRest(parts, context, representation, range, goOn)
    } catch {
      // The answer breaks, and what broke it first is what it is said to have broken of.
      return undefined
    }
  }
  return goOn
}

async function openRest(
  parts: Parts,
  context: ReadContext,
  representation: Representation,
  range: ByteRange,
  goOn: GoOn,
): Promise<ByteSource | undefined> {
  const { key, bucket } = context.read
  const { responder } = context.exchange
  for (let looks = 0; looks < maxLooks && !responder.gone; looks++) {
    const { heard } = parts.flights
    parts.store.recheck(key)
    const found = await parts.store.lookup(key)
    const current = currentView(found.kind === 'held' ? found.held : undefined, parts.flights.of(key))
    if (current !== undefined && !sameBytes(current.representation, representation)) return undefined
    const view: View = current ?? { representation, validatedAt: 0, held: undefined, flights: [] }
    const planned = planPieces(view, range)
    if (planned.kind === 'covered') {
      const opened = await openPieces(parts.store, planned.pieces, goOn)
      if (opened.kind === 'opened') return opened.source
      continue
    }
    const awaited = planned.gaps.map((gap) => parts.flights.awaited(key, gap)).find((each) => each !== undefined)
    if (awaited !== undefined) {
      await orGone(awaited, responder, 'released')
      continue
    }
    // Nothing is awaited between here and `flights.expect`: of answers that break together one fetches for all.
    const claim = parts.flights.claim({ bucket, key, ranges: planned.gaps, heard })
    try {
      if (claim !== undefined && (await orGone(claim.turn, responder, 'lead')) !== 'lead') continue
      const fetched = await fetchRange(parts, { ...context, claim }, view, range, planned.gaps, goOn)
      if (fetched.kind === 'opened') return fetched.body
      if (fetched.kind === 'refused') fetched.response.body.cancel()
      return undefined
    } finally {
      claim?.release()
    }
  }
  return undefined
}
