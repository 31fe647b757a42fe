import type { FillWriter, Representation } from '@s3proxy/cache-store'
import {
  type Broadcast,
  type BroadcastEnd,
  createBroadcast,
  type Expectation,
  type Flight,
  type Generation,
} from '@s3proxy/coordinator'
import { type ByteRange, castsDoubt, ProxyError, rangeLength } from '@s3proxy/protocol'
import type { UpstreamResponse } from '@s3proxy/upstream'
import type { Parts } from '../parts.ts'

/** What was true when the bytes were asked for. */
export interface Asked {
  /** Canonical name of the bucket. */
  readonly bucket: string
  readonly generation: Generation
  readonly askedAt: number
  readonly expectation: Expectation<Representation> | undefined
}

/** A fill that has begun; `stored`: whether the cache takes the bytes. Join it in this turn, or it may be given up. */
export interface StartedFlight {
  readonly flight: Omit<Flight<Representation>, 'broadcast'> & { readonly broadcast: Broadcast }
  readonly stored: boolean
}

/** Starts the fill of an upstream body: for the cache, and for whoever joins. */
export function startFlight(
  parts: Parts,
  representation: Representation,
  range: ByteRange,
  response: UpstreamResponse,
  { bucket, generation, askedAt, expectation }: Asked,
): StartedFlight {
  const guard = (): boolean => parts.generations.isCurrent(generation)
  const start = parts.store.begin(representation, range)
  const writer = start.kind === 'writer' ? start.writer : undefined
  if (writer?.memory !== undefined) response.readInto?.(writer.memory)
  const checked = parts.fillChecks.check(bucket, representation, range, response.body)
  const broadcast = createBroadcast({
    source: checked.source,
    range,
    spill: writer,
    budget: parts.budget,
    lengthError: (received) =>
      new ProxyError('UpstreamTruncated', {
        source: 'upstream',
        reason: received > rangeLength(range) ? 'body-too-long' : 'body-too-short',
      }),
    onUnused: () => writer?.giveBack?.(),
    onEnd: (end, spillAlive) => keep(writer, end, spillAlive && checked.isSound(), askedAt, guard),
  })
  const flight = { representation, broadcast, askedAt, isCurrent: guard }
  const leader = expectation ?? parts.flights.expect(representation.key, range)
  leader.lead(flight)
  return { flight, stored: writer !== undefined }
}

/** What came whole is published; of what came in part, the part, unless the answer contradicted itself or its checksum. */
async function keep(
  writer: FillWriter | undefined,
  end: BroadcastEnd,
  usable: boolean,
  askedAt: number,
  guard: () => boolean,
): Promise<void> {
  if (writer === undefined) return
  if (!usable || (end.kind === 'failed' && castsDoubt(end.error))) writer.abort()
  else await writer.commit(askedAt, guard)
}
