/** What names the bucket of a cached object. Every string is a binary string (one byte per code unit). */
export interface BucketKeyParts {
  /** Whose bucket names these are: a partition, an account's access points, a store. */
  readonly namespace: string
  readonly bucket: string
}

/** What names a cached object. */
export interface CacheKeyParts extends BucketKeyParts {
  /** The object key, percent-decoded exactly once. */
  readonly key: string
  /** The version asked for; absent means the current one, which is an entry of its own. */
  readonly versionId?: string | undefined
  /** A part of a multipart object, 1 to 10,000: names what is known of the part, never its bytes. */
  readonly partNumber?: number | undefined
}

/** The result of {@link parseCacheKey}. */
export type ParsedCacheKey = { readonly kind: 'object'; readonly parts: CacheKeyParts } | { readonly kind: 'malformed' }

/**
 * The canonical name of an object in the cache. Each part but the last stands behind its length, so no two different
 * sets of parts share a name, whatever bytes they hold, and every name begins with its {@link bucketKey}.
 */
export function cacheKey(parts: CacheKeyParts): string {
  const { versionId, partNumber } = parts
  const part = partNumber === undefined ? '' : `#${partNumber};`
  const version = versionId === undefined ? '-' : `${versionId.length}:${versionId}`
  return `${bucketKey(parts)}${part}${version}${parts.key}`
}

/** The canonical name of a bucket: the prefix of the names of its objects and of nothing else. */
export function bucketKey({ namespace, bucket }: BucketKeyParts): string {
  return `${namespace.length}:${namespace}${bucket.length}:${bucket}`
}

/** The parts that {@link cacheKey} made `text` of. */
export function parseCacheKey(text: string): ParsedCacheKey {
  const namespace = readPart(text, 0)
  if (namespace === undefined) return { kind: 'malformed' }
  const bucket = readPart(text, namespace.end)
  if (bucket === undefined) return { kind: 'malformed' }
  const [mark = '', partNumber] = partMark.exec(text.slice(bucket.end, bucket.end + 7)) ?? []
  const start = bucket.end + mark.length
  const parts = {
    namespace: namespace.value,
    bucket: bucket.value,
    ...(partNumber === undefined ? undefined : { partNumber: Number(partNumber) }),
  }
  if (text[start] === '-') return { kind: 'object', parts: { ...parts, key: text.slice(start + 1) } }
  const version = readPart(text, start)
  if (version === undefined) return { kind: 'malformed' }
  return { kind: 'object', parts: { ...parts, key: text.slice(version.end), versionId: version.value } }
}

/** Parts are numbered from 1 to 10,000 (S3 user guide, "Multipart upload limits"). */
const partMark = /^#([1-9][0-9]{0,4});/
const canonicalLength = /^(?:0|[1-9][0-9]{0,8})$/

/** The part behind a length that begins at `start`. */
function readPart(text: string, start: number): { readonly value: string; readonly end: number } | undefined {
  const colon = text.indexOf(':', start)
  if (colon === -1 || colon > start + 9) return undefined
  const length = text.slice(start, colon)
  const end = colon + 1 + Number(length)
  if (!canonicalLength.test(length) || end > text.length) return undefined
  return { value: text.slice(colon + 1, end), end }
}
