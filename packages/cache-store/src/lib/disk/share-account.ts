import type { Reservation, Room } from './space.ts'

/** Bytes set aside in a share; what they are spent on is booked by {@link ShareAccount.change}. */
export type ShareReservation = Pick<Reservation, 'granted' | 'release'>

/** What became of a request for room in a share. */
export type ShareRoom =
  | { readonly kind: 'reserved'; readonly reservation: ShareReservation }
  | Extract<Room, { readonly kind: 'refused' }>

export interface ShareAccountOptions {
  /** Upper bound of bytes used and reserved together; asked each time, since rules change. */
  readonly limitBytes: () => number
  /** Bytes in use as far as is known at the start; should be an upper bound. */
  readonly assumedBytes: number
  /** Called when something of the share should leave; may be called again while it is at it. */
  readonly onShortage: () => void
}

/**
 * The account of a share of the cache in charged bytes: what this process adds and takes away counts at once, what others do
 * when the directory is counted again.
 */
export interface ShareAccount {
  readonly usedBytes: number
  /** Bytes to free so that nobody waits. */
  readonly shortage: number
  readonly hasWaiting: boolean
  /** Whether `bytes` fit without anything leaving. */
  fits(bytes: number): boolean
  reserve(bytes: number): ShareRoom
  /** A key in `shard` (0 to 255) takes so many bytes more, or less. */
  change(shard: number, bytes: number): void
  /** Nothing more can leave: those who wait are refused. */
  giveUp(): void
  /** Starts counting a first-level directory; `count` ends it with what was found. */
  beginCount(shard: number): void
  count(shard: number, bytes: number): void
}

interface Waiter {
  readonly bytes: number
  granted: boolean
  readonly settle: (granted: boolean) => void
}

export const shardCount = 256

export function createShareAccount({ limitBytes, assumedBytes, onShortage }: ShareAccountOptions): ShareAccount {
  const counts = new Float64Array(shardCount)
  /** Bytes added since the count began: it may or may not have seen them, so they come on top. */
  const since = new Float64Array(shardCount)
  const uncounted = new Set(counts.keys())
  let total = assumedBytes
  let reserved = 0
  let waiting: Waiter[] = []

  const used = (): number => Math.max(0, total)
  const waitingBytes = (): number => waiting.reduce((sum, { bytes }) => sum + bytes, 0)
  const fits = (bytes: number): boolean => used() + reserved + bytes <= limitBytes()
  const grant = (): void => {
    for (let [next] = waiting; next !== undefined && fits(next.bytes); [next] = waiting) {
      waiting = waiting.slice(1)
      reserved += next.bytes
      next.granted = true
      next.settle(true)
    }
  }
  const giveBack = (bytes: number): void => {
    reserved -= bytes
    grant()
  }
  const wait = (bytes: number): ShareRoom => {
    const { promise, resolve } = Promise.withResolvers<boolean>()
    const waiter: Waiter = { bytes, granted: false, settle: resolve }
    waiting = [...waiting, waiter]
    onShortage()
    const release = once(() => {
      if (waiter.granted) return giveBack(bytes)
      waiting = waiting.filter((other) => other !== waiter)
      waiter.settle(false)
      grant()
    })
    return { kind: 'reserved', reservation: { granted: promise, release } }
  }

  return {
    get usedBytes() {
      return used()
    },
    get shortage() {
      return Math.max(0, used() + reserved + waitingBytes() - limitBytes())
    },
    get hasWaiting() {
      return waiting.length > 0
    },
    fits,
    reserve(bytes) {
      if (bytes > limitBytes()) return { kind: 'refused', reason: 'too-large' }
      if (waiting.length === 0 && fits(bytes)) {
        reserved += bytes
        return { kind: 'reserved', reservation: { granted: true, release: once(() => giveBack(bytes)) } }
      }
      if (reserved + waitingBytes() + bytes > limitBytes()) return { kind: 'refused', reason: 'no-space' }
      return wait(bytes)
    },
    change(shard, bytes) {
      counts[shard] = (counts[shard] ?? 0) + bytes
      if (bytes > 0) since[shard] = (since[shard] ?? 0) + bytes
      total += bytes
      if (bytes < 0) grant()
    },
    giveUp() {
      const refused = waiting
      waiting = []
      for (const { settle } of refused) settle(false)
    },
    beginCount(shard) {
      since[shard] = 0
    },
    count(shard, bytes) {
      counts[shard] = bytes + (since[shard] ?? 0)
      uncounted.delete(shard)
      if (uncounted.size > 0) return
      total = counts.reduce((sum, each) => sum + each, 0)
      grant()
    },
  }
}

function once(action: () => void): () => void {
  let done = false
  return () => {
    if (done) return
    done = true
    action()
  }
}
