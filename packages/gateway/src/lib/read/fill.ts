import type { FillWriter, Representation } from '@s3proxy/cache-store'
import {
  type BroadcastEnd,
  createBroadcast,
  type Expectation,
  type Flight,
  type Generation,
} from '@s3proxy/coordinator'
import { type ByteRange, ProxyError, rangeLength } from '@s3proxy/protocol'
import type { UpstreamResponse } from '@s3proxy/upstream'
import type { Answer } from '../answer.ts'
import { passOn } from '../forward.ts'
import type { Parts } from '../parts.ts'
import { reconcile } from './learn.ts'
import type { ReadContext } from './read.ts'
import { isSame } from './view.ts'

/** What was true when the bytes were asked for. */
export interface FillOptions {
  readonly generation: Generation
  readonly askedAt: number
  readonly expectation: Expectation<Representation> | undefined
}

/** One upstream body: for the client that caused it, for whoever joins, and for the cache. */
export async function fill(
  parts: Parts,
  { exchange, read }: ReadContext,
  response: UpstreamResponse,
  object: { readonly representation: Representation; readonly range: ByteRange },
  { generation, askedAt, expectation }: FillOptions,
): Promise<Answer> {
  const { range } = object
  const guard = (): boolean => parts.generations.isCurrent(generation)
  const passed = passOn(exchange, response, { kind: 'miss', fill: 'conflicting-answers' })
  const reconciled = await reconcile(parts, object.representation, askedAt)
  if (reconciled.kind === 'doubtful') return passed
  const { representation } = reconciled

  if (rangeLength(range) === 0) {
    await parts.store.save(representation, askedAt, guard)
    return { ...passed, cache: { kind: 'miss', fill: 'stored' } }
  }

  const joined = joinOther(parts.flights.of(read.key), representation, range)
  if (joined !== undefined) {
    response.body.cancel()
    return { ...passed, body: joined, cache: { kind: 'miss', fill: 'joined' } }
  }

  const start = parts.store.begin(representation, range)
  const writer = start.kind === 'writer' ? start.writer : undefined
  const broadcast = createBroadcast({
    source: response.body,
    range,
    spill: writer,
    lengthError: (received) =>
      new ProxyError('UpstreamTruncated', {
        source: 'upstream',
        reason: received > rangeLength(range) ? 'body-too-long' : 'body-too-short',
      }),
    onEnd: (end, spillAlive) => keep(writer, end, spillAlive, askedAt, guard),
  })
  const body = broadcast.join(range)
  const flight: Flight<Representation> = { representation, broadcast, isCurrent: guard }
  const leader = expectation ?? parts.flights.expect(read.key, range)
  leader.lead(flight)
  if (body === undefined) throw new ProxyError('InternalError', { source: 'proxy', reason: 'join-failed' })
  const cache = { kind: 'miss', fill: writer === undefined ? 'store-refused' : 'stored' } as const
  return { ...passed, body, cache }
}

function joinOther(flights: readonly Flight<Representation>[], representation: Representation, range: ByteRange) {
  for (const flight of flights) {
    const { broadcast } = flight
    if (!isSame(flight.representation, representation)) continue
    if (broadcast.range.start > range.start || broadcast.range.end < range.end) continue
    const body = broadcast.join(range)
    if (body !== undefined) return body
  }
  return undefined
}

/** What came whole is published; of what came in part, the part, unless the answer contradicted itself. */
async function keep(
  writer: FillWriter | undefined,
  end: BroadcastEnd,
  spillAlive: boolean,
  askedAt: number,
  guard: () => boolean,
): Promise<void> {
  if (writer === undefined) return
  const contradictory = end.kind === 'failed' && end.error instanceof ProxyError && end.error.reason === 'body-too-long'
  if (!spillAlive || contradictory) writer.abort()
  else await writer.commit(askedAt, guard)
}
