/** Runs the tasks of one key one after the other, in the order they were asked for; keys do not wait for each other. */
export interface KeyLock {
  /** Resolves or rejects as `task` does. A failed task does not stop the next. */
  run<T>(key: string, task: () => Promise<T>): Promise<T>
  /** Whether a task of `key` is running or waiting. */
  isBusy(key: string): boolean
  /** Resolves once every task asked for so far has ended. */
  idle(): Promise<void>
}

export function createKeyLock(): KeyLock {
  const tails = new Map<string, Promise<unknown>>()
  return {
    run(key, task) {
      const before = tails.get(key)
      const result = before === undefined ? task() : before.then(task)
      const tail = result.then(
        () => undefined,
        () => undefined,
      )
      tails.set(key, tail)
      void tail.then(() => {
        if (tails.get(key) === tail) tails.delete(key)
      })
      return result
    },
    isBusy: (key) => tails.has(key),
    async idle() {
      while (tails.size > 0) await Promise.all(tails.values())
    },
  }
}
