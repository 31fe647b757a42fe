/** One change to a key that is under way. */
export interface Turn {
  /** Whether a removal, or a change that began later, has taken effect: this one must not any more. Only {@link Turns} changes it. */
  isLate: boolean
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

interface Changes {
  /** In the order they began. */
  readonly turns: Set<Turn>
  readonly afterwards: (() => void)[]
}

export function createTurns(): Turns {
  const changes = new Map<string, Changes>()
  const end = (key: string, { turns, afterwards }: Changes, turn: Turn): void => {
    if (!turns.delete(turn) || turns.size > 0) return
    changes.delete(key)
    for (const action of afterwards) action()
  }
  return {
    begin(key) {
      const all = changes.get(key) ?? { turns: new Set(), afterwards: [] }
      const turn: Turn = {
        isLate: false,
        take() {
          for (const other of all.turns) {
            if (other === turn) break
            other.isLate = true
          }
        },
        end: () => end(key, all, turn),
      }
      changes.set(key, all)
      all.turns.add(turn)
      return turn
    },
    remove(key) {
      for (const turn of changes.get(key)?.turns ?? []) turn.isLate = true
    },
    isBusy: (key) => changes.has(key),
    whenIdle(key, action) {
      const all = changes.get(key)
      if (all === undefined) action()
      else all.afterwards.push(action)
    },
  }
}
