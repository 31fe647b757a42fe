/** What a mismatch with an entity tag means for a fill. */
export type MismatchVerdict =
  /** The bytes may be wrong: no reader gets the last of them. */
  | 'broken'
  /** They came twice: what is wrong is not the way here. For the readers, but not for the cache. */
  | 'as-stored'
  /** The tags of this bucket are no MD5 sums. */
  | 'opaque'

/**
 * Whether the entity tags of a bucket are MD5 sums, as S3's are for objects put in one piece. Some stores have tags that
 * only look so; a proxy that broke every answer of theirs would be in the way. So a transfer that disagrees with the tag
 * is broken once, and if the next one brings the same bytes they pass.
 */
export interface EtagEvidence {
  /** Whether the tags of `bucket` are worth comparing. */
  isWorthwhile(bucket: string): boolean
  /** An object of `bucket` had the MD5 that its tag says. */
  agreed(bucket: string): void
  /** The object `key` at `etag` had another: `md5`. */
  disagreed(bucket: string, key: string, etag: string, md5: string): MismatchVerdict
}

/** Objects of one bucket that came twice with the same bytes under another tag, and none that agreed, before the tags count as opaque. */
const opaqueAfter = 3

/** Buckets, and mismatches, that are remembered; the oldest are forgotten first. */
const maxRemembered = 10_000

interface Bucket {
  agreed: boolean
  opaque: number
}

export function createEtagEvidence(): EtagEvidence {
  const buckets = new Map<string, Bucket>()
  const mismatches = new Map<string, string>()
  const of = (name: string): Bucket => {
    const known = buckets.get(name)
    if (known !== undefined) return known
    const bucket = { agreed: false, opaque: 0 }
    remember(buckets, name, bucket)
    return bucket
  }
  return {
    isWorthwhile(bucket) {
      const known = buckets.get(bucket)
      return known === undefined || known.agreed || known.opaque < opaqueAfter
    },
    agreed(bucket) {
      of(bucket).agreed = true
    },
    disagreed(name, key, etag, md5) {
      const object = `${key}\0${etag}`
      const before = mismatches.get(object)
      remember(mismatches, object, md5)
      if (before !== md5) return 'broken'
      const bucket = of(name)
      if (bucket.agreed) return 'as-stored'
      mismatches.delete(object)
      bucket.opaque++
      return bucket.opaque >= opaqueAfter ? 'opaque' : 'as-stored'
    },
  }
}

function remember<V>(map: Map<string, V>, key: string, value: V): void {
  map.delete(key)
  map.set(key, value)
  if (map.size <= maxRemembered) return
  for (const oldest of map.keys()) {
    map.delete(oldest)
    return
  }
}
