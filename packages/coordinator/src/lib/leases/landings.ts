/** How many fills of each key have landed, by who led them. */
export interface Landings {
  count(key: string, worker: string): void
  /** Landings of `key` that `worker` can know of only by looking; its own it has seen. */
  ofOthers(key: string, worker: string): number
}

/** Keys whose landings are counted. Of one that is forgotten the count differs from what a worker has seen: it looks once more. */
const maxKeys = 10_000

export function createLandings(): Landings {
  const byKey = new Map<string, Map<string, number>>()
  return {
    count(key, worker) {
      const byWorker = byKey.get(key) ?? new Map<string, number>()
      byWorker.set(worker, (byWorker.get(worker) ?? 0) + 1)
      byKey.delete(key)
      byKey.set(key, byWorker)
      for (const oldest of byKey.keys()) {
        if (byKey.size <= maxKeys) break
        byKey.delete(oldest)
      }
    },
    ofOthers(key, worker) {
      let count = 0
      for (const [other, landed] of byKey.get(key) ?? []) if (other !== worker) count += landed
      return count
    },
  }
}
