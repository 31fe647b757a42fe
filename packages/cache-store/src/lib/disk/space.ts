import type { RefusalReason } from '../cache-store.ts'
import { accountCount } from './accounts.ts'

/** Bytes set aside for something about to be written. */
export interface Reservation {
  /** True at once, or a promise when something has to leave first; false: it could not, or it was released meanwhile. */
  readonly granted: true | Promise<boolean>
  /** Some of the bytes are now on disk under `account`. */
  spend(account: number, bytes: number): void
  /** Gives back what has not been spent, or stops waiting. May be called more than once. */
  release(): void
}

/** What became of a request for room. */
export type Room =
  | { readonly kind: 'reserved'; readonly reservation: Reservation }
  | { readonly kind: 'refused'; readonly reason: Extract<RefusalReason, 'too-large' | 'no-space'> }

export interface SpaceOptions {
  /** Upper bound of bytes on the volume, those of all instances. */
  readonly maxBytes: number
  /** Bytes to keep free in the background, by all instances together. */
  readonly headroomBytes: number
  /** Bytes claimed at once. */
  readonly chunkBytes: number
  /** Whether what has been claimed still stands. */
  readonly isCurrent: () => boolean
  /** Called when something should leave; may be called again while it is at it. */
  readonly onShortage: () => void
  /** Called when more should be claimed; may be called again while that is tried. */
  readonly onWant: () => void
}

/** What is known of the account that the instances share. */
export interface Shared {
  /** Instances at work, this one included. */
  readonly instances: number
  /** Bytes nobody has claimed; below 0 when the bound has become smaller. */
  readonly unclaimedBytes: number
  /** Bytes on the volume that are not of this instance. */
  readonly elsewhereBytes: number
  /** Bytes others have set aside. */
  readonly reservedBytes: number
  /** Whether that rests on a count. */
  readonly counted: boolean
}

/**
 * This instance's account in charged bytes. What it adds, less what it frees, never exceeds what it has claimed from
 * the shared account: bytes are reserved before they are written and freed after they are gone.
 */
export interface Space {
  /** Bytes on the volume, those of other instances included as far as they are known. */
  readonly usedBytes: number
  /** Bytes this instance has reserved. */
  readonly reservedBytes: number
  /** Bytes this instance has added, less those it has freed. */
  readonly netBytes: number
  /** Bytes that are claimed and not in use; below 0 only if something grew unexpectedly. */
  readonly freeBytes: number
  /** By account, since the beginning. */
  readonly added: Float64Array
  readonly freed: Float64Array
  /** Bytes for this instance to free so that nobody waits and the headroom is kept; 0 when all is well. */
  readonly shortage: number
  /** Whether someone waits for room. */
  readonly hasWaiting: boolean
  /** Asks for `bytes`. */
  reserve(bytes: number): Room
  /** Bytes that have grown on disk without a reservation. */
  add(account: number, bytes: number): void
  /** Bytes of `account` that are gone. */
  free(account: number, bytes: number): void
  /** Bytes that are gone from the tree but stay on disk until `released`, because readers hold them open. */
  linger(bytes: number): void
  released(bytes: number): void
  /** Nothing more can leave: those who wait are refused. */
  giveUp(): void
  /** Bytes to claim now, out of `unclaimedBytes`. */
  wanted(unclaimedBytes: number): number
  /** Takes away what is claimed and not needed, until the next `claim`; returns how much. */
  yield(): number
  /** All that this instance has claimed, as the shared account has it now. */
  claim(bytes: number): void
  observe(shared: Shared): void
  /** The claim is gone, and all that was added belongs to everybody: begins anew, with what is reserved now. */
  reset(): void
}

interface Waiter {
  readonly bytes: number
  granted: boolean
  readonly settle: (granted: boolean) => void
}

export function createSpace(options: SpaceOptions): Space {
  const { maxBytes, headroomBytes, chunkBytes, isCurrent, onShortage, onWant } = options
  const added = new Float64Array(accountCount)
  const freed = new Float64Array(accountCount)
  let claimed = 0
  let net = 0
  let lingering = 0
  let reserved = 0
  let waiting: Waiter[] = []
  let waitingBytes = 0
  let shared: Shared = { instances: 1, unclaimedBytes: 0, elsewhereBytes: 0, reservedBytes: 0, counted: false }

  const free = (): number => claimed - net - lingering - reserved
  /** This instance's part of the headroom. Nothing is worth an assumption. */
  const spare = (): number => (shared.counted ? headroomBytes / shared.instances : 0)
  const shortage = (): number => {
    const { unclaimedBytes, instances } = shared
    if (waiting.length > 0) return Math.max(0, Math.ceil(waitingBytes - free() - Math.max(0, unclaimedBytes)))
    // Bytes on their way out are as good as gone.
    return Math.max(0, Math.ceil(spare() - free() - lingering - unclaimedBytes / instances))
  }
  const wanted = (unclaimedBytes: number): number => {
    const missing = waitingBytes + chunkBytes - free()
    return missing <= chunkBytes / 2 ? 0 : Math.max(0, Math.min(missing, unclaimedBytes))
  }
  const alert = (): void => {
    if (shortage() > 0) onShortage()
    if (wanted(shared.unclaimedBytes) > 0) onWant()
  }
  const leave = (waiter: Waiter): void => {
    waiting = waiting.filter((other) => other !== waiter)
    waitingBytes -= waiter.bytes
  }
  const grant = (): void => {
    if (!isCurrent()) return
    for (let next = waiting[0]; next !== undefined && next.bytes <= free(); next = waiting[0]) {
      leave(next)
      reserved += next.bytes
      next.granted = true
      next.settle(true)
    }
  }
  const grow = (account: number, bytes: number): void => {
    added[account] = (added[account] ?? 0) + bytes
    net += bytes
  }
  /** Bytes that have been set aside, of which less and less is left. */
  const hold = (
    bytes: number,
    granted: true | Promise<boolean>,
    isGranted: () => boolean,
    quit: () => void,
  ): Reservation => {
    let left = bytes
    let ended = false
    return {
      granted,
      spend(account, spent) {
        const part = isGranted() && !ended ? Math.min(left, spent) : 0
        left -= part
        reserved -= part
        grow(account, spent)
      },
      release() {
        if (ended) return
        ended = true
        if (!isGranted()) return quit()
        reserved -= left
        left = 0
        grant()
        alert()
      },
    }
  }
  const wait = (bytes: number): Reservation => {
    const { promise, resolve } = Promise.withResolvers<boolean>()
    const waiter: Waiter = { bytes, granted: false, settle: resolve }
    waiting.push(waiter)
    waitingBytes += bytes
    if (!isCurrent()) onWant()
    alert()
    const quit = (): void => {
      if (!waiting.includes(waiter)) return
      leave(waiter)
      // Whoever waits for it all the same holds bytes that nobody wants any more.
      waiter.settle(false)
      // Those behind it may need less.
      grant()
    }
    return hold(bytes, promise, () => waiter.granted, quit)
  }

  return {
    added,
    freed,
    get usedBytes() {
      return Math.max(0, shared.elsewhereBytes + net + lingering)
    },
    get netBytes() {
      return net
    },
    get reservedBytes() {
      return reserved
    },
    get freeBytes() {
      return free()
    },
    get shortage() {
      return shortage()
    },
    get hasWaiting() {
      return waiting.length > 0
    },
    reserve(bytes) {
      if (bytes > maxBytes) return { kind: 'refused', reason: 'too-large' }
      if (waiting.length === 0 && bytes <= free() && isCurrent()) {
        reserved += bytes
        alert()
        return {
          kind: 'reserved',
          reservation: hold(
            bytes,
            true,
            () => true,
            () => undefined,
          ),
        }
      }
      // What is being read, written or waited for cannot be made to leave.
      if (lingering + reserved + shared.reservedBytes + waitingBytes + bytes > maxBytes) {
        return { kind: 'refused', reason: 'no-space' }
      }
      return { kind: 'reserved', reservation: wait(bytes) }
    },
    add(account, bytes) {
      grow(account, bytes)
      alert()
    },
    free(account, bytes) {
      freed[account] = (freed[account] ?? 0) + bytes
      net -= bytes
      grant()
    },
    linger(bytes) {
      lingering += bytes
    },
    released(bytes) {
      lingering -= bytes
      grant()
    },
    giveUp() {
      const refused = waiting
      waiting = []
      waitingBytes = 0
      for (const { settle } of refused) settle(false)
    },
    wanted,
    yield() {
      const isOver = shared.unclaimedBytes < 0
      const keep = waiting.length > 0 ? waitingBytes : isOver ? 0 : spare() + chunkBytes
      const slack = isOver ? 0 : chunkBytes
      const surplus = Math.floor(free() - keep)
      if (surplus <= slack) return 0
      const bytes = isOver ? Math.min(surplus, -shared.unclaimedBytes) : surplus
      claimed -= bytes
      return bytes
    },
    claim(bytes) {
      claimed = bytes
      grant()
    },
    observe(next) {
      shared = next
      grant()
      alert()
    },
    reset() {
      claimed = 0
      net = 0
      added.fill(0)
      freed.fill(0)
    },
  }
}
