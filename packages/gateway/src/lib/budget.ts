import { type BufferAccount, type MemoryBudget, minRunBytes, ProxyError } from '@s3proxy/protocol'
import { systemTimers, type Timers } from './within.ts'

/** Who asks for memory, the most important first. */
export const priorities = ['demand', 'revalidation', 'write-through', 'prefetch'] as const
export type Priority = (typeof priorities)[number]

/** How much of the budget may be in use for new work of each priority to begin. */
const shares: Readonly<Record<Priority, number>> = {
  demand: 1,
  revalidation: 7 / 8,
  'write-through': 3 / 4,
  prefetch: 1 / 2,
}

export interface BudgetOptions {
  readonly maxBytes: number
  /** How long new work waits for room before it is turned away. Default 1 s. */
  readonly maxWaitMs?: number | undefined
  /** Default: the machine's. */
  readonly timers?: Timers | undefined
}

/** The ledger of a process's in-flight buffers, and the door in front of it. */
export interface Budget extends MemoryBudget {
  readonly maxBytes: number
  readonly usedBytes: number
  /** The most that was ever in use. */
  readonly peakBytes: number
  /** Requests that wait at the door. */
  readonly waiting: number
  /** Requests that were turned away. */
  readonly rejected: number
  /**
   * Lets new work in that needs `bytes` to begin with: at once (undefined) or when there is room. Rejects with a
   * `ProxyError` SlowDown if there is none in time. Whoever is let in opens its accounts in the same turn.
   */
  admit(priority: Priority, bytes: number): undefined | Promise<void>
}

interface Waiter {
  readonly bytes: number
  readonly letIn: () => void
}

/**
 * No deadlock: work waits only at the door, where it holds nothing, and for a bounded time. Once let in it owns the
 * minimum of its accounts and can always go on with runs of that size; everything larger asks `fits` and does without.
 * So no more than `maxBytes` are in use, except by accounts that open in the midst of an answer (a reader that falls
 * behind a fill): those are never refused, one minimum each.
 */
export function createBudget(options: BudgetOptions): Budget {
  const { maxBytes, maxWaitMs = 1000, timers = systemTimers } = options
  let usedBytes = 0
  let peakBytes = 0
  let rejected = 0
  /** Room given to those who were let in and have not yet begun. */
  let promisedBytes = 0
  const queues = priorities.map(() => new Set<Waiter>())

  const hasRoom = (rank: number, bytes: number): boolean =>
    // Work that needs more than there is must be able to begin when nothing else is under way.
    usedBytes + promisedBytes === 0 || usedBytes + promisedBytes + bytes <= maxBytes * shareOf(rank)
  const charge = (bytes: number): void => {
    usedBytes += bytes
    if (usedBytes > peakBytes) peakBytes = usedBytes
    if (bytes < 0) letIn()
  }
  /** The first of the most important queue decides: nobody overtakes. */
  const letIn = (): void => {
    for (const [rank, queue] of queues.entries()) {
      for (const waiter of queue) {
        if (!hasRoom(rank, waiter.bytes)) return
        queue.delete(waiter)
        waiter.letIn()
      }
    }
  }
  const isQueued = (rank: number): boolean => queues.some((queue, other) => other <= rank && queue.size > 0)

  return {
    maxBytes,
    get usedBytes() {
      return usedBytes
    },
    get peakBytes() {
      return peakBytes
    },
    get waiting() {
      return queues.reduce((sum, queue) => sum + queue.size, 0)
    },
    get rejected() {
      return rejected
    },
    fits: (bytes) => usedBytes + bytes <= maxBytes / 2,
    open: () => new Account(charge),
    admit(priority, bytes) {
      const rank = priorities.indexOf(priority)
      if (!isQueued(rank) && hasRoom(rank, bytes)) return undefined
      const queue = queues[rank] as Set<Waiter>
      return new Promise<void>((resolve, reject) => {
        const timer = timers.setTimeout(() => {
          queue.delete(waiter)
          rejected++
          reject(new ProxyError('SlowDown', { source: 'proxy', retryable: true, reason: 'memory-budget' }))
          letIn()
        }, maxWaitMs)
        const waiter: Waiter = {
          bytes,
          letIn() {
            timers.clearTimeout(timer)
            promisedBytes += bytes
            resolve()
          },
        }
        queue.add(waiter)
      }).then(() => {
        promisedBytes -= bytes
      })
    },
  }
}

function shareOf(rank: number): number {
  return shares[priorities[rank] as Priority]
}

class Account implements BufferAccount {
  readonly #charge: (bytes: number) => void
  #charged = minRunBytes
  #open = true

  constructor(charge: (bytes: number) => void) {
    this.#charge = charge
    charge(minRunBytes)
  }

  hold(bytes: number): void {
    if (!this.#open) return
    const charged = Math.max(bytes, minRunBytes)
    const more = charged - this.#charged
    this.#charged = charged
    if (more !== 0) this.#charge(more)
  }

  close(): void {
    if (!this.#open) return
    this.#open = false
    this.#charge(-this.#charged)
  }
}
