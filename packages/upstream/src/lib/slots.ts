import type { ProxyError } from '@s3proxy/protocol'
import type { CancelSignal } from './client.ts'
import type { Clock } from './clock.ts'
import { abortedError, timeoutError } from './node-error.ts'

/** What became of the wait for a slot. */
export type Grant = { readonly kind: 'granted' } | { readonly kind: 'failed'; readonly error: ProxyError }

/** A number of places, given out in the order of asking. */
export interface Slots {
  /** Takes a place as soon as one is free, unless `signal` fires or `timeoutMs` pass before. */
  acquire(signal: CancelSignal, timeoutMs: number): Grant | Promise<Grant>
  /** Gives a place back, to the one that waits longest. */
  release(): void
}

const granted: Grant = { kind: 'granted' }

/** Makes `max` places, all free. Node's Agent would not do: it does not count connections that are still being made. */
export function createSlots(max: number, clock: Clock): Slots {
  let free = max
  const waiting = new Set<(grant: Grant) => void>()
  return {
    acquire(signal, timeoutMs) {
      if (free > 0) {
        free--
        return granted
      }
      return new Promise((resolve) => {
        const settle = (grant: Grant): void => {
          waiting.delete(settle)
          clock.clearTimeout(timer)
          signal.removeEventListener('abort', onAbort)
          resolve(grant)
        }
        const onAbort = (): void => settle({ kind: 'failed', error: abortedError(signal) })
        const onTimer = (): void => settle({ kind: 'failed', error: timeoutError('no-free-connection') })
        const timer = clock.setTimeout(onTimer, timeoutMs)
        signal.addEventListener('abort', onAbort)
        waiting.add(settle)
      })
    },
    release() {
      const next = waiting.values().next()
      if (next.done) free++
      else next.value(granted)
    },
  }
}
