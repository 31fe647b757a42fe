import type { Generation, Generations } from '@s3proxy/coordinator'

/** Keys that S3 said do not exist, for a short while. */
export interface NegativeCache {
  /** Whether `key` is known to be missing at `now`. */
  has(key: string, now: number): boolean
  /** Notes that S3 answered 404; any write since `generation` was observed ends it. */
  add(key: string, expiresAt: number, generation: Generation): void
  /** Notes that `key` exists. */
  forget(key: string): void
}

interface Missing {
  readonly expiresAt: number
  readonly generation: Generation
}

/** A negative cache of at most `maxKeys` (default 100,000), the oldest leaving first. */
export function createNegativeCache(generations: Generations, maxKeys = 100_000): NegativeCache {
  const missing = new Map<string, Missing>()
  return {
    has(key, now) {
      const found = missing.get(key)
      if (found === undefined) return false
      if (now < found.expiresAt && generations.isCurrent(found.generation)) return true
      missing.delete(key)
      return false
    },
    forget: (key) => void missing.delete(key),
    add(key, expiresAt, generation) {
      missing.delete(key)
      missing.set(key, { expiresAt, generation })
      if (missing.size <= maxKeys) return
      const oldest = missing.keys().next().value
      if (oldest !== undefined) missing.delete(oldest)
    },
  }
}
