/** A named gate that holds whoever waits at it until a test opens it. */
export interface Gate {
  readonly name: string
  /** Whether `open` has been called. */
  readonly isOpen: boolean
  /** How many are waiting now. */
  readonly waiting: number
  /** Resolves when the gate is open; at once if it already is. */
  pass(): Promise<void>
  /** Lets through all who wait and all who come. */
  open(): void
  /** Resolves as soon as at least `count` (default 1) have come to the gate since it was made, open or not. */
  reached(count?: number): Promise<void>
}

/** Gates by name: how tests order events without sleeping. */
export interface Barrier {
  /** The gate of that name, made closed when first asked for. */
  gate(name: string): Gate
  /** Opens every gate, also those not yet made; for the end of a test. */
  openAll(): void
}

/** A set of named gates, all closed at first. */
export function createBarrier(): Barrier {
  const gates = new Map<string, Gate>()
  let allOpen = false
  return {
    gate(name) {
      const known = gates.get(name)
      if (known !== undefined) return known
      const gate = createGate(name)
      if (allOpen) gate.open()
      gates.set(name, gate)
      return gate
    },
    openAll() {
      allOpen = true
      for (const gate of gates.values()) gate.open()
    },
  }
}

/** One closed gate; its name is for people. */
export function createGate(name = 'gate'): Gate {
  let isOpen = false
  let arrivals = 0
  let waiting = 0
  const opened = Promise.withResolvers<void>()
  let watchers: { readonly count: number; readonly resolve: () => void }[] = []
  return {
    name,
    get isOpen() {
      return isOpen
    },
    get waiting() {
      return waiting
    },
    async pass() {
      arrivals++
      watchers = watchers.filter((watcher) => {
        if (arrivals < watcher.count) return true
        watcher.resolve()
        return false
      })
      if (isOpen) return
      waiting++
      await opened.promise
      waiting--
    },
    open() {
      isOpen = true
      opened.resolve()
    },
    reached(count = 1) {
      if (arrivals >= count) return Promise.resolve()
      const { promise, resolve } = Promise.withResolvers<void>()
      watchers.push({ count, resolve })
      return promise
    },
  }
}
