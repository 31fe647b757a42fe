/** Where signals arrive: a process. */
export interface SignalSource {
  on(signal: 'SIGHUP', listener: () => void): unknown
}

/**
 * Calls what `listen` was last given at each SIGHUP. From now on the signal ends the process no more; one that came
 * before somebody listened is not lost.
 */
export function catchHangup(signals: SignalSource): { listen(listener: () => void): void } {
  let missed = false
  let listener = (): void => {
    missed = true
  }
  signals.on('SIGHUP', () => listener())
  return {
    listen(next) {
      listener = next
      if (missed) next()
      missed = false
    },
  }
}
