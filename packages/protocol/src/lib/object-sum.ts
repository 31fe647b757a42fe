import { parseEntityTag } from './etag.ts'
import { headerValue } from './headers.ts'
import type { RawHeaders } from './message.ts'

/** The sums that S3 keeps of whole objects. */
export type SumAlgorithm = 'sha256' | 'crc64nvme' | 'sha1' | 'crc32c' | 'crc32' | 'md5'

/** What the bytes of a whole object add up to, by what its headers say. */
export interface ObjectSum {
  readonly algorithm: SumAlgorithm
  /** Declared as a checksum, or only implied by the entity tag: some stores' tags look like an MD5 and are none. */
  readonly source: 'checksum' | 'etag'
  /** Lower case. */
  readonly hex: string
}

/** Checksum fields, strongest first, with the bytes of their values. */
const checksumFields = [
  { algorithm: 'sha256', bytes: 32 },
  { algorithm: 'crc64nvme', bytes: 8 },
  { algorithm: 'sha1', bytes: 20 },
  { algorithm: 'crc32c', bytes: 4 },
  { algorithm: 'crc32', bytes: 4 },
] as const

/**
 * The strongest sum of the complete object that the headers of a 200 declare and `accepts` takes. Sums of parts
 * (`x-amz-checksum-type: COMPOSITE`, values and tags that end in `-N`) cannot be compared with the whole and do not
 * count. The entity tag comes last, as the MD5 it is for an object put in one piece, unless S3 says that it is none:
 * encryption other than SSE-S3, directory buckets.
 */
export function findObjectSum(
  etag: string,
  headers: RawHeaders,
  accepts: (sum: ObjectSum) => boolean = () => true,
): ObjectSum | undefined {
  if (headerValue(headers, 'x-amz-checksum-type')?.toUpperCase() !== 'COMPOSITE') {
    for (const { algorithm, bytes } of checksumFields) {
      const hex = hexOf(headerValue(headers, `x-amz-checksum-${algorithm}`), bytes)
      const sum: ObjectSum | undefined = hex === undefined ? undefined : { algorithm, source: 'checksum', hex }
      if (sum !== undefined && accepts(sum)) return sum
    }
  }
  const implied = impliedMd5(etag, headers)
  return implied !== undefined && accepts(implied) ? implied : undefined
}

/** Base64 of exactly `bytes` bytes as hex. */
function hexOf(value: string | undefined, bytes: number): string | undefined {
  if (value === undefined || !/^[A-Za-z0-9+/]+={0,2}$/.test(value)) return undefined
  const decoded = Buffer.from(value, 'base64')
  return decoded.length === bytes && decoded.toString('base64') === value ? decoded.toString('hex') : undefined
}

function impliedMd5(etag: string, headers: RawHeaders): ObjectSum | undefined {
  const tag = parseEntityTag(etag)
  if (tag === undefined || tag.weak || !/^[0-9a-f]{32}$/i.test(tag.opaque)) return undefined
  const encryption = headerValue(headers, 'x-amz-server-side-encryption')
  const ownKey = headerValue(headers, 'x-amz-server-side-encryption-customer-algorithm')
  const storageClass = headerValue(headers, 'x-amz-storage-class')
  if ((encryption !== undefined && encryption !== 'AES256') || ownKey !== undefined) return undefined
  if (storageClass === 'EXPRESS_ONEZONE') return undefined
  return { algorithm: 'md5', source: 'etag', hex: tag.opaque.toLowerCase() }
}
