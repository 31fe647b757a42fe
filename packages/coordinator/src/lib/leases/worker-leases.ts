import type { HubTimers } from '../workers/hub.ts'
import type { Lease, Leases, Turn, Wanted } from './lease.ts'
import type { FromTable, ToTable } from './lease-messages.ts'

/** What {@link createWorkerLeases} is made of. */
export interface WorkerLeasesOptions {
  /** Unique among all workers that the table has ever had. */
  readonly id: string
  readonly send: (message: ToTable) => void
  readonly timers: HubTimers
  /** A table that has not answered within this time is done without. Default 1 s. */
  readonly silenceMs?: number
  /** Called for each claim that did without. Default: nothing. */
  readonly onSilence?: (() => void) | undefined
}

/** A worker's side of the lease table. */
export interface WorkerLeases<R> extends Leases<R> {
  /** Takes a message from the table. */
  receive(message: FromTable): void
  /** The table is gone: everyone leads. */
  disconnected(): void
}

interface Waiting<R> {
  readonly act: (turn: Turn<R>) => void
  readonly timer: unknown
}

export function createWorkerLeases<R>(options: WorkerLeasesOptions): WorkerLeases<R> {
  const { id, send, timers, silenceMs = 1000, onSilence = () => undefined } = options
  const waiting = new Map<string, Waiting<R>>()
  const landing = new Map<string, () => void>()
  let listener: Parameters<Leases<R>['onLanded']>[0] = (_, left) => left()
  let count = 0
  let isConnected = true
  const alone: Turn<R> = { kind: 'lead', landed: undefined }

  const settle = (claim: string, turn: Turn<R>): void => {
    const found = waiting.get(claim)
    waiting.delete(claim)
    timers.clearTimeout(found?.timer)
    found?.act(turn)
  }

  const arm = (claim: string, act: Waiting<R>['act'], delayMs: number, then: () => void): void => {
    waiting.set(claim, { act, timer: timers.setTimeout(then, delayMs) })
  }

  const claim = <T>(wanted: Wanted, decided: (turn: Turn<R>) => T): Lease<R, T> => {
    const name = `${id}:${count++}`
    const { promise, resolve } = Promise.withResolvers<T>()
    let isGranted = false
    const act = (turn: Turn<R>): void => {
      isGranted = turn !== alone
      resolve(decided(turn))
    }
    if (isConnected) {
      // An answer may lie unread when a busy process gets to its timers: it reads before the second one.
      const doWithout = (): void => {
        onSilence()
        settle(name, alone)
      }
      const later = (): void => arm(name, act, 1, doWithout)
      arm(name, act, silenceMs, later)
      send({ kind: 'claim', claim: name, wanted })
    } else act(alone)
    let isReleased = false
    return {
      turn: promise,
      led(notice) {
        // The table may have taken the claim after a write that came after the question.
        if (isConnected && isGranted && !isReleased) send({ kind: 'led', claim: name, notice })
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
