import type { Leases } from '../leases/lease.ts'
import { createWorkerLeases } from '../leases/worker-leases.ts'
import type { Forgetting, Invalidation, PeerListener, Peers } from '../peers.ts'
import type { HubTimers } from './hub.ts'
import type { FromHub, ToHub } from './messages.ts'

/** What {@link createWorkerPeers} is made of. */
export interface WorkerPeersOptions {
  /** Unique among all workers that the hub has ever had. */
  readonly id: string
  /** Sends to the hub; messages arrive in order, or the connection has ended. */
  readonly send: (message: ToHub) => void
  readonly timers: HubTimers
  /** The hub did not say in time who fetches, so that this worker does. Default: nothing. */
  readonly onSilence?: (() => void) | undefined
}

/** The other workers, as one of them sees them through the hub. */
export interface WorkerPeers<R = unknown> extends Peers {
  readonly leases: Leases<R>
  /** Takes a message from the hub. */
  receive(message: FromHub): void
  /** The hub is gone: this worker is on its own from now on. */
  disconnected(): void
}

export function createWorkerPeers<R>({ id, send, timers, onSilence }: WorkerPeersOptions): WorkerPeers<R> {
  const rounds = new Map<string, Forgetting>()
  const announced = new Map<string, () => void>()
  const leases = createWorkerLeases<R>({ id, send, timers, onSilence })
  let listener: PeerListener | undefined
  let count = 0
  let isConnected = true

  const begin = (round: string, forgetting: Forgetting): void => {
    rounds.set(round, forgetting)
    void forgetting.settled.then((clean) => {
      if (isConnected) send({ kind: 'settled', round, clean })
    })
  }
  const hear = (round: string, invalidation: Invalidation): void => {
    if (listener !== undefined) begin(round, listener.forget(invalidation))
    send({ kind: 'seen', round })
    if (listener === undefined) send({ kind: 'settled', round, clean: true })
  }

  return {
    leases,
    listen(next) {
      listener = next
    },
    async announce(invalidation, forgetHere) {
      const forgetting = forgetHere(invalidation)
      if (!isConnected) {
        await forgetting.settled
        return
      }
      const round = `${id}:${count++}`
      const { promise: seenByAll, resolve } = Promise.withResolvers<void>()
      announced.set(round, resolve)
      send({ kind: 'announce', round, invalidation })
      begin(round, forgetting)
      await Promise.all([seenByAll, forgetting.settled])
    },
    receive(message) {
      switch (message.kind) {
        case 'forget':
          hear(message.round, message.invalidation)
          return
        case 'seen-by-all':
          announced.get(message.round)?.()
          announced.delete(message.round)
          return
        case 'end':
          rounds.get(message.round)?.end(message.clean)
          rounds.delete(message.round)
          return
        default:
          leases.receive(message)
      }
    },
    disconnected() {
      isConnected = false
      leases.disconnected()
      listener?.isolate()
      for (const resolve of announced.values()) resolve()
      announced.clear()
      rounds.clear()
    },
  }
}
