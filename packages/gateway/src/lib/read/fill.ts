import { type Representation, sameBytes } from '@s3proxy/cache-store'
import type { Flight } from '@s3proxy/coordinator'
import { type ByteRange, type ByteSource, containsRange, ProxyError, rangeLength } from '@s3proxy/protocol'
import type { UpstreamResponse } from '@s3proxy/upstream'
import type { Answer } from '../answer.ts'
import { passOn } from '../forward.ts'
import type { Parts } from '../parts.ts'
import { reconcile } from './learn.ts'
import type { ReadContext } from './read.ts'
import { type Asked, startFlight } from './start-flight.ts'

/** One upstream body: for the client that caused it, for whoever joins, and for the cache. */
export async function fill(
  parts: Parts,
  { exchange, read }: ReadContext,
  response: UpstreamResponse,
  object: { readonly representation: Representation; readonly range: ByteRange },
  asked: Asked,
): Promise<Answer> {
  const { range } = object
  const passed = passOn(exchange, response, { kind: 'miss', fill: 'conflicting-answers' })
  const reconciled = await reconcile(parts, object.representation, asked.askedAt)
  if (reconciled.kind === 'doubtful') return passed
  const { representation } = reconciled

  if (rangeLength(range) === 0) {
    await parts.store.save(representation, asked.askedAt, () => parts.generations.isCurrent(asked.generation))
    return { ...passed, cache: { kind: 'miss', fill: 'stored' } }
  }
  // Without a promise nothing happens in between, so that two answers never become two fills.
  const other = joinOther(parts.flights.of(read.key), representation, range)
  const joined = other instanceof Promise ? await other.catch(() => undefined) : other
  if (joined !== undefined) {
    response.body.cancel()
    return { ...passed, body: joined, cache: { kind: 'miss', fill: 'joined' } }
  }
  const { flight, stored } = startFlight(parts, representation, range, response, asked)
  const body = flight.broadcast.join(range)
  if (body === undefined) throw new ProxyError('InternalError', { source: 'proxy', reason: 'join-failed' })
  return { ...passed, body, cache: { kind: 'miss', fill: stored ? 'stored' : 'store-refused' } }
}

function joinOther(
  flights: readonly Flight<Representation>[],
  representation: Representation,
  range: ByteRange,
): ByteSource | Promise<ByteSource> | undefined {
  for (const { representation: other, broadcast } of flights) {
    const fits = broadcast.keepsAll && sameBytes(other, representation) && containsRange(broadcast.range, range)
    const body = fits ? broadcast.join(range) : undefined
    if (body !== undefined) return body
  }
  return undefined
}
