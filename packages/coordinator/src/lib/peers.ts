/** What is to be forgotten: canonical names, as in the cache key. */
export interface Invalidation {
  readonly keys: readonly string[]
  /** Buckets of which any key is meant. */
  readonly buckets: readonly string[]
}

/** A round of forgetting in one process. */
export interface Forgetting {
  /**
   * Resolves when this process will bring nothing old of the keys to a shared disk any more and has removed what was
   * there; with false if it cannot be sure. Never rejects.
   */
  readonly settled: Promise<boolean>
  /** The round is over in every process. `clean`: all of them are sure, so that the keys may be looked up again. */
  end(clean: boolean): void
}

/**
 * Makes everything named unreachable before it returns: what is held, and what fills under way would store. The keys
 * stay unreachable until the round has ended clean, whatever another process still brings to the disk.
 */
export type Forget = (invalidation: Invalidation) => Forgetting

/** What a process does for the others. */
export interface PeerListener {
  readonly forget: Forget
  /** Nobody tells this process anything any more: nothing cached may be served or stored from now on. */
  isolate(): void
}

/** The other processes that serve from the same cache. */
export interface Peers {
  /** Who acts in this process. Called once, before the first request. */
  listen(listener: PeerListener): void
  /**
   * Forgets here, by `forgetHere`, and everywhere else. Resolves once no process can serve any of it from before; until
   * the round has ended everywhere the keys stay unreachable. Never rejects.
   */
  announce(invalidation: Invalidation, forgetHere: Forget): Promise<void>
}

/** No other processes. */
export function createNoPeers(): Peers {
  return {
    listen: () => undefined,
    async announce(invalidation, forgetHere) {
      const forgetting = forgetHere(invalidation)
      await forgetting.settled
      forgetting.end(true)
    },
  }
}
