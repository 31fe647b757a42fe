/** One change to a key that is under way. */
export interface Turn {
  /** Whether a removal, or a change that began later, has taken effect: this one must not any more. */
  readonly isLate: boolean
  /** The change takes effect: those that began before it become late. */
  take(): void
  /** The change is over. */
  end(): void
}

/** Keeps changes to one key in the order they began, where they take effect without a common lock. */
export interface Turns {
  begin(key: string): Turn
  /** The key is removed: every change that has begun becomes late. */
  remove(key: string): void
  /** Whether a change of the key is under way. */
  isBusy(key: string): boolean
  /** Runs `action` once no change of the key is under way: at once if none is. */
  whenIdle(key: string, action: () => void): void
}

interface State {
  late: boolean
}

interface Changes {
  /** In the order they began. */
  readonly states: Set<State>
  readonly afterwards: (() => void)[]
}

export function createTurns(): Turns {
  const changes = new Map<string, Changes>()
  const end = (key: string, { states, afterwards }: Changes, mine: State): void => {
    if (!states.delete(mine) || states.size > 0) return
    changes.delete(key)
    for (const action of afterwards) action()
  }
  return {
    begin(key) {
      const all = changes.get(key) ?? { states: new Set(), afterwards: [] }
      const mine: State = { late: false }
      changes.set(key, all)
      all.states.add(mine)
      return {
        get isLate() {
          return mine.late
        },
        take() {
          for (const state of all.states) {
            if (state === mine) break
            state.late = true
          }
        },
        end: () => end(key, all, mine),
      }
    },
    remove(key) {
      for (const state of changes.get(key)?.states ?? []) state.late = true
    },
    isBusy: (key) => changes.has(key),
    whenIdle(key, action) {
      const all = changes.get(key)
      if (all === undefined) action()
      else all.afterwards.push(action)
    },
  }
}
