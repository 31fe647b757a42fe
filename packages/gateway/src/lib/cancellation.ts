import type { CancelListener, CancelSignal } from '@s3proxy/upstream'

/** A signal and the means to fire it, in one small object. */
export class Cancellation implements CancelSignal {
  aborted = false
  readonly reason = undefined
  #listeners: readonly CancelListener[] = []

  addEventListener(_type: 'abort', listener: CancelListener): void {
    this.#listeners = [...this.#listeners, listener]
  }

  removeEventListener(_type: 'abort', listener: CancelListener): void {
    this.#listeners = this.#listeners.filter((each) => each !== listener)
  }

  /** Tells those who listen, once. */
  fire(): void {
    if (this.aborted) return
    this.aborted = true
    const listeners = this.#listeners
    this.#listeners = []
    for (const listener of listeners) {
      if (typeof listener === 'function') listener()
      else listener.handleEvent()
    }
  }
}
