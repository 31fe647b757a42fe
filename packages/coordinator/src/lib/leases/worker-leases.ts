import type { HubTimers } from '../workers/hub.ts'
import type { Lease, Leases, Turn } from './lease.ts'
import type { FromTable, ToTable } from './lease-messages.ts'

/** What {@link createWorkerLeases} is made of. */
export interface WorkerLeasesOptions {
  /** Unique among all workers that the table has ever had. */
  readonly id: string
  readonly send: (message: ToTable) => void
  readonly timers: HubTimers
  /** A table that has not answered within this time is done without. Default 1 s. */
  readonly silenceMs?: number
}

/** A worker's side of the lease table. */
export interface WorkerLeases<R> extends Leases<R> {
  /** Takes a message from the table. */
  receive(message: FromTable): void
  /** The table is gone: everyone leads. */
  disconnected(): void
}

interface Waiting<R> {
  readonly resolve: (turn: Turn<R>) => void
  readonly timer: unknown
}

export function createWorkerLeases<R>(options: WorkerLeasesOptions): WorkerLeases<R> {
  const { id, send, timers, silenceMs = 1000 } = options
  const waiting = new Map<string, Waiting<R>>()
  const landing = new Map<string, () => void>()
  let listener: Parameters<Leases<R>['onLanded']>[0] = (_, left) => left()
  let count = 0
  let isConnected = true
  const alone: Turn<R> = { kind: 'lead', landed: 0 }

  const settle = (claim: string, turn: Turn<R>): void => {
    const found = waiting.get(claim)
    waiting.delete(claim)
    timers.clearTimeout(found?.timer)
    found?.resolve(turn)
  }

  const arm = (claim: string, resolve: Waiting<R>['resolve'], delayMs: number, then: () => void): void => {
    waiting.set(claim, { resolve, timer: timers.setTimeout(then, delayMs) })
  }

  const claim: Leases<R>['claim'] = (wanted): Lease<R> => {
    const name = `${id}:${count++}`
    const { promise, resolve } = Promise.withResolvers<Turn<R>>()
    if (isConnected) {
      // An answer may lie unread when a busy process gets to its timers: it reads before the second one.
      const later = (): void => arm(name, resolve, 1, () => settle(name, alone))
      arm(name, resolve, silenceMs, later)
      send({ kind: 'claim', claim: name, wanted })
    } else resolve(alone)
    let isReleased = false
    return {
      turn: promise,
      led(notice) {
        if (isConnected && !isReleased) send({ kind: 'led', claim: name, notice })
      },
      release() {
        if (isReleased) return
        isReleased = true
        settle(name, alone)
        if (isConnected) send({ kind: 'release', claim: name })
      },
    }
  }

  return {
    claim,
    async landed(flight) {
      if (!isConnected) return
      const { promise, resolve } = Promise.withResolvers<void>()
      landing.set(flight, resolve)
      send({ kind: 'landed', flight })
      await promise
    },
    onLanded(next) {
      listener = next
    },
    receive(message) {
      switch (message.kind) {
        case 'turn':
          settle(message.claim, message.turn as Turn<R>)
          return
        case 'wait':
          timers.clearTimeout(waiting.get(message.claim)?.timer)
          return
        case 'landed':
          listener(message.flight, () => {
            if (isConnected) send({ kind: 'left', flight: message.flight })
          })
          return
        case 'unfollowed':
          landing.get(message.flight)?.()
          landing.delete(message.flight)
          return
      }
    },
    disconnected() {
      isConnected = false
      for (const name of [...waiting.keys()]) settle(name, alone)
    },
  }
}
