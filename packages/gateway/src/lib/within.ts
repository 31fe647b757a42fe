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

/**
 * `promise`, or after `limitMs` a failure of the store: a disk that hangs is a disk that fails. `onLate` gets what comes
 * after all.
 */
export function within<T>(
  promise: Promise<T>,
  limitMs: number,
  timers: Timers,
  onLate: (value: T) => void = () => undefined,
): Promise<T> {
  return new Promise((resolve, reject) => {
    let isLate = false
    const timer = timers.setTimeout(() => {
      isLate = true
      reject(new ProxyError('StoreFailed', { source: 'store', reason: storeTimeout }))
    }, limitMs)
    const settle = (value: T): void => {
      timers.clearTimeout(timer)
      if (isLate) onLate(value)
      else resolve(value)
    }
    promise.then(settle, (error: unknown) => {
      timers.clearTimeout(timer)
      reject(error)
    })
  })
}

/** The reason of a failure by {@link within}. */
export const storeTimeout = 'store-timeout'
