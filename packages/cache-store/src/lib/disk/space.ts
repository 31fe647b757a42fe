import type { RefusalReason } from '../cache-store.ts'

/** Bytes set aside for something about to be written. */
export interface Reservation {
  /** True at once, or a promise when something has to leave first; false: it could not. */
  readonly granted: true | Promise<boolean>
  /** Gives the bytes back, or stops waiting for them. May be called more than once. */
  release(): void
}

/** What became of a request for room. */
export type Room =
  | { readonly kind: 'reserved'; readonly reservation: Reservation }
  | { readonly kind: 'refused'; readonly reason: Extract<RefusalReason, 'too-large' | 'no-space'> }

export interface SpaceOptions {
  /** Upper bound of bytes used and reserved together. */
  readonly maxBytes: number
  /** Bytes in use as far as is known at the start; should be an upper bound. */
  readonly assumedBytes: number
  /** Bytes to keep free in the background. */
  readonly headroomBytes: number
  /** Called when something should leave; may be called again while it is at it. */
  readonly onShortage: () => void
}

/**
 * The account of a cache directory in charged bytes. This process never makes `used + reserved` exceed `maxBytes`:
 * bytes are reserved before they are written and freed after they are gone.
 */
export interface Space {
  /** Bytes in use, those of other instances included as far as they are known. */
  readonly usedBytes: number
  /** Bytes this instance has reserved. */
  readonly reservedBytes: number
  /** Bytes this instance has added, less those it has freed. */
  readonly netBytes: number
  /** Bytes for this instance to free so that nobody waits and the headroom is kept; 0 when all is well. */
  readonly shortage: number
  /** Whether someone waits for room. */
  readonly hasWaiting: boolean
  /** Asks for `bytes`. */
  reserve(bytes: number): Room
  /**
   * Bytes that are now on disk under `account`. `covering`, the reservation that was made for them, is released in the
   * same step: counted twice they would look like a shortage and push out what has just been stored.
   */
  add(account: number, bytes: number, covering?: Reservation): void
  /** Bytes of `account` that are gone. */
  free(account: number, bytes: number): void
  /** Bytes that are gone from the tree but stay on disk until `released`, because readers hold them open. */
  linger(bytes: number): void
  released(bytes: number): void
  /** Nothing more can leave: those who wait are refused. */
  giveUp(): void
  /** What the other instances have told since the last time. */
  observe(others: Others): void
  /** A walk over all accounts begins; `endWalk` when it has counted every one. */
  beginWalk(): void
  endWalk(): void
  /** Starts counting an account from disk; `count` ends it with what was found. */
  beginCount(account: number): void
  count(account: number, bytes: number): void
}

/** What other instances on the same directory are known to do. */
export interface Others {
  /** Instances at work, this one included. */
  readonly instances: number
  /** Bytes they have added since the last observation, less those they have freed. */
  readonly grownBytes: number
  /** Bytes they have reserved now. */
  readonly reservedBytes: number
}

/** One account per first-level directory and one for the temporaries of other instances. */
export const accountCount = 257

/** The account of temporaries that are not ours. */
export const temporariesAccount = 256

interface Waiter {
  readonly bytes: number
  granted: boolean
  readonly settle: (granted: boolean) => void
}

export function createSpace(options: SpaceOptions): Space {
  const { maxBytes, headroomBytes, onShortage } = options
  const counts = new Float64Array(accountCount)
  /** Bytes added since the count of the account began: it may or may not have seen them, so they come on top. */
  const sinceCount = new Float64Array(accountCount)
  const uncounted = new Set(counts.keys())
  /** An assumption with our own changes until all is counted, then the sum of the counts. */
  let inTree = options.assumedBytes
  let lingering = 0
  let reserved = 0
  let waiting: Waiter[] = []
  let waitingBytes = 0
  let net = 0
  /** Growth by others since the walk that has been completed last began, and since the one under way began. */
  let grownElsewhere = 0
  let grownSinceWalk = 0
  let reservedElsewhere = 0
  let instances = 1
  /** With others at work: this instance's part in restoring the headroom, which all of them see missing. */
  let due = 0

  const used = (): number => Math.max(0, inTree + lingering + grownElsewhere)
  const taken = (): number => used() + reserved + reservedElsewhere
  const wholeShortage = (): number => {
    if (waiting.length > 0) return Math.max(0, taken() + waitingBytes - maxBytes)
    // Headroom is worth neither an assumption nor bytes that are on their way out.
    const spare = uncounted.size > 0 ? 0 : headroomBytes
    return Math.max(0, taken() - lingering + spare - maxBytes)
  }
  const shortage = (): number => {
    const isOurs = instances === 1 || waiting.length > 0
    return isOurs ? wholeShortage() : Math.min(wholeShortage(), due)
  }
  /** What an instance adds while there is a shortage is its own to make up for. */
  const owe = (bytes: number): void => {
    due = wholeShortage() === 0 ? 0 : due + bytes
  }
  const alert = (): void => {
    if (shortage() > 0) onShortage()
  }
  const leave = (waiter: Waiter): void => {
    waiting = waiting.filter((other) => other !== waiter)
    waitingBytes -= waiter.bytes
  }
  const grant = (): void => {
    for (let next = waiting[0]; next !== undefined && taken() + next.bytes <= maxBytes; next = waiting[0]) {
      leave(next)
      reserved += next.bytes
      next.granted = true
      next.settle(true)
    }
  }
  const change = (account: number, bytes: number): void => {
    counts[account] = (counts[account] ?? 0) + bytes
    if (bytes > 0) sinceCount[account] = (sinceCount[account] ?? 0) + bytes
    // Below 0 when this instance frees what others have added: together they make sense.
    inTree += bytes
    net += bytes
    if (bytes < 0) due = Math.max(0, due + bytes)
  }
  const giveBack = (bytes: number): void => {
    reserved -= bytes
    grant()
  }
  const wait = (bytes: number): Reservation => {
    const { promise, resolve } = Promise.withResolvers<boolean>()
    const waiter: Waiter = { bytes, granted: false, settle: resolve }
    waiting.push(waiter)
    waitingBytes += bytes
    owe(bytes)
    onShortage()
    const release = (): void => {
      if (waiter.granted) giveBack(bytes)
      else if (waiting.includes(waiter)) {
        leave(waiter)
        // Those behind it may need less.
        grant()
      }
    }
    return { granted: promise, release: once(release) }
  }

  return {
    get usedBytes() {
      return used()
    },
    get netBytes() {
      return net + lingering
    },
    get reservedBytes() {
      return reserved
    },
    get shortage() {
      return shortage()
    },
    get hasWaiting() {
      return waiting.length > 0
    },
    reserve(bytes) {
      if (bytes > maxBytes) return { kind: 'refused', reason: 'too-large' }
      if (waiting.length === 0 && taken() + bytes <= maxBytes) {
        reserved += bytes
        owe(bytes)
        alert()
        return { kind: 'reserved', reservation: { granted: true, release: once(() => giveBack(bytes)) } }
      }
      if (lingering + reserved + reservedElsewhere + waitingBytes + bytes > maxBytes)
        return { kind: 'refused', reason: 'no-space' }
      return { kind: 'reserved', reservation: wait(bytes) }
    },
    add(account, bytes, covering) {
      change(account, bytes)
      covering?.release()
      alert()
    },
    free(account, bytes) {
      change(account, -bytes)
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
    observe(others) {
      instances = others.instances
      reservedElsewhere = others.reservedBytes
      grownElsewhere += others.grownBytes
      grownSinceWalk += others.grownBytes
      due = Math.max(due, Math.ceil(wholeShortage() / instances))
      grant()
      alert()
    },
    beginWalk() {
      grownSinceWalk = 0
    },
    endWalk() {
      // What grew meanwhile may or may not have been seen: on the safe side, not.
      grownElsewhere = Math.max(0, grownSinceWalk)
      grant()
    },
    beginCount(account) {
      sinceCount[account] = 0
    },
    count(account, bytes) {
      counts[account] = bytes + (sinceCount[account] ?? 0)
      uncounted.delete(account)
      if (uncounted.size === 0) inTree = counts.reduce((sum, each) => sum + each, 0)
      grant()
      alert()
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
