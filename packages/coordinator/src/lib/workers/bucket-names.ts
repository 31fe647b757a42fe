/** Buckets to which something happened as a whole. */
export interface BucketNames {
  add(buckets: readonly string[]): void
  all(): readonly string[]
}

/** Remembers up to `maxBuckets` (default 10,000) names, those named last. */
export function createBucketNames(maxBuckets = 10_000): BucketNames {
  const names = new Set<string>()
  return {
    add(buckets) {
      for (const bucket of buckets) {
        names.delete(bucket)
        names.add(bucket)
      }
      for (const oldest of names) {
        if (names.size <= maxBuckets) break
        names.delete(oldest)
      }
    },
    all: () => [...names],
  }
}
