import { type ByteRange, type ByteSource, type MemoryBudget, ProxyError } from '@s3proxy/protocol'
import { type Broadcast, createBroadcast, type Joinable } from '../broadcast.ts'
import type { FlightStreams } from './flight-streams.ts'
import type { FlightNotice } from './lease.ts'

/** What {@link followFlight} needs. */
export interface FollowOptions {
  readonly notice: FlightNotice<unknown>
  readonly streams: FlightStreams
  readonly budget: MemoryBudget | undefined
  /** Resolves when the fill has ended. */
  readonly settled: Promise<void>
  /** Called when its bytes could not be had any more, however often. */
  readonly onLost: () => void
  /** Called with the number of readers when it has changed. */
  readonly onReaders: (readers: number) => void
}

/**
 * A fill of another process, to be joined like one's own. Its bytes come over once for all readers of this process that
 * want them from about the same place on; who is ahead of or behind what is kept here asks the leader itself.
 */
export function followFlight({ notice, streams, budget, settled, onLost, onReaders }: FollowOptions): Joinable {
  const { place, flight, range } = notice
  let current: Broadcast | undefined
  let opening: { readonly start: number; readonly opened: Promise<Broadcast> } | undefined
  let readers = 0

  const enter = (): void => onReaders(++readers)
  const leave = (): void => onReaders(--readers)
  const open = (wanted: ByteRange): Promise<ByteSource> => streams.open(place, flight, wanted)

  const openHere = async (start: number): Promise<Broadcast> => {
    const here = { start, end: range.end }
    const source = await open(here)
    const broadcast = createBroadcast({
      source,
      range: here,
      // The leader keeps all bytes; what is no longer in the window here is had from there again.
      spill: { write: () => undefined, read: (behind) => lazily(open(behind)) },
      ...(budget === undefined ? {} : { budget }),
      finishBytes: 0,
      lengthError: () => lost(),
      onEnd: () => {
        if (current === broadcast) current = undefined
      },
    })
    current = broadcast
    // Those who wait for it join in the turns after this one; without a reader it would be given up by then.
    const first = broadcast.join({ start, end: start })
    setImmediate(() => first?.cancel())
    return broadcast
  }

  const join = async (wanted: ByteRange): Promise<ByteSource> => {
    const ahead = opening ?? (current === undefined ? undefined : { start: current.range.start })
    if (ahead !== undefined && wanted.start < ahead.start) return open(wanted)
    const known = current?.join(wanted)
    if (known !== undefined) return known
    if (opening === undefined) {
      const opened = openHere(wanted.start)
      opening = { start: wanted.start, opened }
      const done = (): void => {
        opening = undefined
      }
      opened.then(done, done)
    }
    const joined = (await opening.opened).join(wanted)
    if (joined === undefined) throw lost()
    return joined
  }

  return {
    range,
    keepsAll: true,
    settled,
    async join(wanted) {
      enter()
      try {
        return onEnd(await join(wanted), leave, onLost)
      } catch (error) {
        leave()
        onLost()
        throw error
      }
    },
  }
}

/** The process that led has gone, or its fill has. */
function lost(): ProxyError {
  return new ProxyError('UpstreamTruncated', { source: 'upstream', reason: 'leader-lost' })
}

function lazily(opening: Promise<ByteSource>): ByteSource {
  let isCancelled = false
  opening.then(
    (source) => {
      if (isCancelled) source.cancel()
    },
    () => undefined, // told by `next`
  )
  return {
    next: async () => (await opening).next(),
    cancel() {
      isCancelled = true
      opening.then(
        (source) => source.cancel(),
        () => undefined,
      )
    },
  }
}

/** `source`, with `end` called once when it has ended, however, and `lost` if it broke. */
function onEnd(source: ByteSource, end: () => void, lost: () => void): ByteSource {
  let hasEnded = false
  const finish = (): void => {
    if (!hasEnded) end()
    hasEnded = true
  }
  const pass = (chunk: Uint8Array | null): Uint8Array | null => {
    if (chunk === null) finish()
    return chunk
  }
  const fail = (error: unknown): never => {
    finish()
    lost()
    throw error
  }
  return {
    next() {
      try {
        const chunk = source.next()
        return chunk instanceof Promise ? chunk.then(pass, fail) : pass(chunk)
      } catch (error) {
        return fail(error)
      }
    },
    cancel(reason) {
      source.cancel(reason)
      finish()
    },
  }
}
