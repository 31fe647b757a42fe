import { parseCacheKey } from '@s3proxy/router'

/** How a cached object is called. */
export interface ObjectName {
  /** `bucket/key` as the binary string that patterns match. */
  readonly subject: string
  /** The same for people: UTF-8, control characters and broken sequences escaped; version and part behind it. */
  readonly text: string
  readonly bucket: string
  /** Whose bucket it is: `aws`, a partition, a store. */
  readonly namespace: string
}

/** The name behind a cache key; undefined if the key is not one of this program's. */
export function objectName(cacheKey: string): ObjectName | undefined {
  const parsed = parseCacheKey(cacheKey)
  if (parsed.kind === 'malformed') return undefined
  const { namespace, bucket, key, versionId, partNumber } = parsed.parts
  const subject = `${bucket}/${key}`
  const version = versionId === undefined ? '' : ` (version ${printable(versionId)})`
  const part = partNumber === undefined ? '' : ` (bounds of part ${partNumber})`
  return {
    subject,
    text: `${printable(subject)}${version}${part}`,
    bucket: printable(bucket),
    namespace: printable(namespace),
  }
}

/** Bytes as text that cannot move a terminal's cursor. */
export function printable(binary: string): string {
  const text = Buffer.from(binary, 'latin1').toString('utf8')
  const readable = text.includes('\ufffd') ? binary : text
  return readable.replace(
    /[\p{Cc}\p{Cf}\u2028\u2029]/gu,
    (unit) => `\\x${(unit.codePointAt(0) ?? 0).toString(16).padStart(2, '0')}`,
  )
}
