/** What {@link createSingleRun} is made of. */
export interface SingleRunOptions {
  /** The work. Ends soon once `isStopped` says so. */
  readonly run: (isStopped: () => boolean) => Promise<void>
  /** Whether there is work again when a run has ended. */
  readonly isWanted: () => boolean
  /** Nobody shall wait for this work any more: it has been stopped. */
  readonly giveUp: () => void
  readonly onError: (error: unknown) => void
}

/** Work in the background of which there is never more than one run at a time. */
export interface SingleRun {
  /** Starts unless it is running. */
  wake(): void
  /** Resolves when the last run has ended. */
  stop(): Promise<void>
}

export function createSingleRun({ run, isWanted, giveUp, onError }: SingleRunOptions): SingleRun {
  let running: Promise<void> | undefined
  let stopped = false

  const wake = (): void => {
    if (stopped) giveUp()
    if (stopped || running !== undefined) return
    running = run(() => stopped)
      .catch(onError)
      .then(() => {
        running = undefined
        if (isWanted()) wake()
      })
  }
  return {
    wake,
    async stop() {
      stopped = true
      await running
      giveUp()
    },
  }
}
