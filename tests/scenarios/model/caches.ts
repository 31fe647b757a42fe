import { type CacheStore, createMemoryTier, createNoopStore } from '@s3proxy/cache-store'
import type { Random } from './random.ts'
import type { Turnstile } from './turnstile.ts'
import { createUnreliableCache } from './unreliable-cache.ts'

/** A cache to run an episode over. */
export interface EpisodeCache {
  /** For people. */
  readonly name: string
  readonly store: CacheStore
  /** Whether it may break answers in their midst. */
  readonly breaks: boolean
  /** Whether it says of every byte that it was freed. */
  readonly counts: boolean
  /** How long it may do nothing before it never will again. */
  readonly patienceMs: number
  /** Removes what it left behind. */
  dispose(): Promise<void>
}

const nothing = (): Promise<void> => Promise.resolve()

/** A cache that needs nothing but memory: ample, too small for what comes, none, slow, failing, or worse. */
export function drawMemoryCache(random: Random, turnstile: Turnstile): EpisodeCache {
  const drawn = random.fork('cache')
  const small = drawn.int(1, 40) * 1024
  const isSmall = drawn.chance(0.3)
  const maxBytes = isSmall ? small : 64 << 20
  const memory = createMemoryTier({ maxBytes, maxExtentBytes: maxBytes })
  const plain = {
    name: `memory of ${maxBytes}`,
    store: memory,
    breaks: false,
    counts: true,
    patienceMs: 0,
    dispose: nothing,
  }
  const unreliable = (name: string, slow: number, fails: number, rude: number): EpisodeCache => ({
    ...plain,
    name: `${name} ${plain.name}`,
    store: createUnreliableCache(memory, { random: drawn, turnstile, slow, fails, rude }),
    breaks: fails > 0 || rude > 0,
    // What a failed removal left there stays.
    counts: rude === 0,
  })
  switch (drawn.int(0, 7)) {
    case 0:
      return { ...plain, name: 'no cache', store: createNoopStore() }
    case 1:
    case 2:
      return unreliable('slow', 0.5, 0, 0)
    case 3:
      return unreliable('failing', 0.3, 0.1, 0)
    case 4:
      return unreliable('rude', 0.3, 0.05, 0.05)
    default:
      return plain
  }
}
