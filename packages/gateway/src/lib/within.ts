import { ProxyError } from '@s3proxy/protocol'

/** Timers, injected so that tests need not wait. */
export interface Timers {
  setTimeout(callback: () => void, delayMs: number): unknown
  clearTimeout(timer: unknown): void
}

/** The machine's timers; they keep no process alive. */
export const systemTimers: Timers = {
  setTimeout: (callback, delayMs) => setTimeout(callback, delayMs).unref(),
  clearTimeout: (timer) => clearTimeout(timer as NodeJS.Timeout),
}

/** `promise`, or after `limitMs` a failure of the store: a disk that hangs is a disk that fails. */
export function within<T>(promise: Promise<T>, limitMs: number, timers: Timers): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = timers.setTimeout(() => {
      reject(new ProxyError('StoreFailed', { source: 'store', reason: 'store-timeout' }))
    }, limitMs)
    promise.then(resolve, reject).finally(() => timers.clearTimeout(timer))
  })
}
