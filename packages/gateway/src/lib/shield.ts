import type { CacheStore, Lookup } from '@s3proxy/cache-store'

/** Keys of which nothing may be looked up for now. */
export interface Shield {
  has(key: string): boolean
  /** Shields `keys` until the returned function, or that of a later call with the same key, is called. */
  raise(keys: readonly string[]): () => void
  /** Shields everything, for good. */
  raiseAll(): void
  readonly isWhole: boolean
}

/** A shield over nothing. */
export function createShield(): Shield {
  const raisedAt = new Map<string, number>()
  let sequence = 0
  let isWhole = false
  return {
    has: (key) => isWhole || (raisedAt.size > 0 && raisedAt.has(key)),
    raise(keys) {
      const at = ++sequence
      for (const key of keys) raisedAt.set(key, at)
      return () => {
        for (const key of keys) if ((raisedAt.get(key) ?? Number.POSITIVE_INFINITY) <= at) raisedAt.delete(key)
      }
    },
    raiseAll() {
      isWhole = true
    },
    get isWhole() {
      return isWhole
    },
  }
}

const absent: Lookup = { kind: 'absent', reason: 'unavailable' }

/** A store over a store whose one duty is to show nothing of shielded keys; under a whole shield it takes nothing either. */
export function shieldStore<S extends CacheStore>(store: S, shield: Shield): S {
  return {
    ...store,
    lookup(key) {
      if (shield.has(key)) return absent
      const found = store.lookup(key)
      // What was read before may be of the past by now.
      return found instanceof Promise ? found.then((lookup) => (shield.has(key) ? absent : lookup)) : found
    },
    begin: (representation, range, options) =>
      shield.isWhole ? { kind: 'refused', reason: 'unavailable' } : store.begin(representation, range, options),
    save: async (representation, validatedAt, guard) =>
      !shield.isWhole && (await store.save(representation, validatedAt, guard)),
  }
}
