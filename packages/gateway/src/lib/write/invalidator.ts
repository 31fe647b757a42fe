import type { CacheStore } from '@s3proxy/cache-store'
import type { Generations } from '@s3proxy/coordinator'
import { bucketKey, cacheKey } from '@s3proxy/router'

/** An object that a write concerns; `key` undefined: any key of the bucket. */
export interface WriteTarget {
  readonly namespace: string
  readonly bucket: string
  readonly key: string | undefined
  readonly versionId: string | undefined
}

/** Forgets what a write may have changed. */
export interface Invalidator {
  /**
   * Makes every target unreachable before it returns and outdates fills under way; the promise resolves when the space
   * is free. Never rejects.
   */
  invalidate(targets: readonly WriteTarget[]): Promise<void>
  /** When a write last concerned the whole bucket (canonical name), milliseconds since the epoch; 0 for never. */
  bucketInvalidatedAt(bucket: string): number
}

/** What an invalidator works with. */
export interface InvalidatorOptions {
  readonly store: CacheStore
  readonly generations: Generations
  readonly now: () => number
  /** Buckets remembered one by one; beyond it the oldest are remembered together, as one date for all. Default 10,000. */
  readonly maxBuckets?: number
}

/** An invalidator that has seen no write. */
export function createInvalidator(options: InvalidatorOptions): Invalidator {
  const { store, generations, now, maxBuckets = 10_000 } = options
  const buckets = new Map<string, number>()
  let everyBucket = 0

  const noteBucket = (bucket: string): void => {
    generations.bumpBucket(bucket)
    buckets.delete(bucket)
    buckets.set(bucket, now())
    if (buckets.size <= maxBuckets) return
    const oldest = buckets.entries().next().value
    if (oldest === undefined) return
    everyBucket = Math.max(everyBucket, oldest[1])
    buckets.delete(oldest[0])
  }

  const forget = (key: string): Promise<void> => {
    generations.bumpKey(key)
    return store.remove(key)
  }

  return {
    async invalidate(targets) {
      const removals: Promise<void>[] = []
      for (const { namespace, bucket, key, versionId } of targets) {
        if (key === undefined) {
          noteBucket(bucketKey({ namespace, bucket }))
          continue
        }
        removals.push(forget(cacheKey({ namespace, bucket, key })))
        if (versionId !== undefined) removals.push(forget(cacheKey({ namespace, bucket, key, versionId })))
      }
      // What is left on disk is unreachable already; the store has reported why.
      await Promise.allSettled(removals)
    },
    bucketInvalidatedAt: (bucket) => Math.max(everyBucket, buckets.get(bucket) ?? 0),
  }
}
