import type { BucketMarks } from '@s3proxy/cache-store'
import type { Forget, Forgetting, Generations, Invalidation, Peers } from '@s3proxy/coordinator'
import { bucketKey, cacheKey, parseCacheKey } from '@s3proxy/router'
import type { GuardedStore } from '../guard-store.ts'
import type { Shield } from '../shield.ts'
import { createWriteClock } from './write-clock.ts'

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
   * Makes every target unreachable here before it returns and outdates fills under way; the promise resolves when it is
   * unreachable in every process that shares the cache, and the space is free. Never rejects.
   */
  invalidate(targets: readonly WriteTarget[]): Promise<void>
  /**
   * Forgets, here and elsewhere, what is held of `key`, since S3 has said something else. `fills`: whether those under
   * way in this process are outdated too; in others they are. Otherwise like `invalidate`.
   */
  drop(key: string, fills: 'outdate' | 'keep'): Promise<void>
  /**
   * When a write last concerned the whole bucket (canonical name), milliseconds since the epoch; 0 for never. `now`: when
   * something of it was looked at.
   */
  bucketInvalidatedAt(bucket: string, now: number): number
  /** The time, milliseconds since the epoch, for S3 to be asked at: what it then confirms is older than any write to come. */
  asking(): number
}

/** What an invalidator works with. */
export interface InvalidatorOptions {
  readonly store: Pick<GuardedStore, 'remove' | 'isHidden'>
  readonly generations: Generations
  readonly shield: Shield
  readonly peers: Peers
  readonly now: () => number
  /** What other lives of this process, and others that share its cache, know of whole buckets. Default: nothing. */
  readonly marks?: Marks | undefined
  /** Bounds the wait for `marks`, and is told when they could not be kept. */
  readonly guard?: ((kept: Promise<void>) => Promise<void>) | undefined
  /** Buckets remembered one by one; beyond it the oldest are remembered together, as one date for all. Default 10,000. */
  readonly maxBuckets?: number
}

/** See `BucketMarks` of `@s3proxy/cache-store`. */
export type Marks = Pick<BucketMarks, 'at' | 'note'>

/** An invalidator that has seen no write. From now on it also forgets what other processes ask it to. */
export function createInvalidator(options: InvalidatorOptions): Invalidator {
  const { store, generations, shield, peers, marks, maxBuckets = 10_000 } = options
  const clock = createWriteClock(options.now)
  const guard = options.guard ?? ((kept) => kept)
  const buckets = new Map<string, number>()
  let everyBucket = 0

  const noteBucket = (bucket: string): void => {
    generations.bumpBucket(bucket)
    buckets.delete(bucket)
    buckets.set(bucket, clock.now())
    if (buckets.size <= maxBuckets) return
    const oldest = buckets.entries().next().value
    if (oldest === undefined) return
    everyBucket = Math.max(everyBucket, oldest[1])
    buckets.delete(oldest[0])
  }

  /** What stays on disk although it should not must be asked about by whoever finds it, also processes yet to come. */
  const distrust = async (keys: readonly string[]): Promise<void> => {
    if (marks === undefined || keys.length === 0) return
    const at = clock.now()
    const names = new Set(keys.map(bucketOf))
    await Promise.all([...names].map((bucket) => (bucket === undefined ? undefined : guard(marks.note(bucket, at)))))
  }
  const remove = (keys: readonly string[]): Forgetting => {
    const lower = shield.raise(keys)
    const removals = keys.map((key) => store.remove(key))
    return {
      // What could not be removed is unreachable here; the store has reported why.
      settled: Promise.allSettled(removals).then(async () => {
        const left = keys.filter((key) => store.isHidden(key))
        await distrust(left)
        return left.length === 0
      }),
      end: (clean) => {
        if (clean) lower()
      },
    }
  }

  const forget: Forget = (invalidation) => {
    for (const bucket of invalidation.buckets) noteBucket(bucket)
    for (const key of invalidation.keys) generations.bumpKey(key)
    return remove(invalidation.keys)
  }

  peers.listen({
    forget,
    isolate() {
      shield.raiseAll()
      generations.bumpAll()
    },
  })

  return {
    async invalidate(targets) {
      const invalidation = namesOf(targets)
      if (invalidation.keys.length + invalidation.buckets.length === 0) return
      const at = clock.now()
      const kept = marks === undefined ? [] : invalidation.buckets.map((bucket) => guard(marks.note(bucket, at)))
      await Promise.all([peers.announce(invalidation, forget), ...kept])
    },
    drop: (key, fills) =>
      peers.announce({ keys: [key], buckets: [] }, fills === 'outdate' ? forget : ({ keys }) => remove(keys)),
    asking() {
      const at = options.now()
      clock.saw(at)
      return at
    },
    bucketInvalidatedAt(bucket, now) {
      clock.saw(now)
      return Math.max(everyBucket, buckets.get(bucket) ?? 0, marks?.at(bucket) ?? 0)
    },
  }
}

function bucketOf(key: string): string | undefined {
  const parsed = parseCacheKey(key)
  return parsed.kind === 'malformed' ? undefined : bucketKey(parsed.parts)
}

function namesOf(targets: readonly WriteTarget[]): Invalidation {
  const keys: string[] = []
  const buckets: string[] = []
  for (const { namespace, bucket, key, versionId } of targets) {
    if (key === undefined) {
      buckets.push(bucketKey({ namespace, bucket }))
      continue
    }
    keys.push(cacheKey({ namespace, bucket, key }))
    if (versionId !== undefined) keys.push(cacheKey({ namespace, bucket, key, versionId }))
  }
  return { keys, buckets }
}
