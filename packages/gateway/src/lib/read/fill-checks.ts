import type { Representation } from '@s3proxy/cache-store'
import { createSumDigest, type SumDigest } from '@s3proxy/cache-store/sums'
import {
  type ByteRange,
  type ByteSource,
  findObjectSum,
  type ObjectSum,
  ProxyError,
  type SumAlgorithm,
} from '@s3proxy/protocol'
import { createEtagEvidence } from './etag-evidence.ts'

/**
 * Which sums are made of the bytes that S3 sends: `cheap`, those that cost well under a nanosecond per byte, and the MD5
 * of small objects; `all`, the MD5 of large ones too; `off`, none.
 */
export type FillVerification = 'all' | 'cheap' | 'off'

/** The body of a fill on its way through a check. */
export interface CheckedBody {
  /** The bytes; the last of them come only when the sum is right. */
  readonly source: ByteSource
  /** Whether nothing speaks against storing them, as far as is known. */
  isSound(): boolean
}

/** Compares what S3 sends with what it says of it. */
export interface FillChecks {
  check(bucket: string, representation: Representation, range: ByteRange, body: ByteSource): CheckedBody
}

export interface FillChecksOptions {
  /** Default `cheap`. */
  readonly verify?: FillVerification | undefined
  /** Told of every fill whose bytes do not add up; they are not stored. */
  readonly onMismatch?: ((algorithm: SumAlgorithm) => void) | undefined
}

/** Up to here an MD5 costs less (90 µs) than the rest of a fill does. */
const cheapMd5MaxBytes = 64 * 1024

export function createFillChecks({ verify = 'cheap', onMismatch = () => undefined }: FillChecksOptions): FillChecks {
  const evidence = createEtagEvidence()

  return {
    check(bucket, representation, range, body) {
      const { key, etag, size, headers } = representation
      const accepts = ({ algorithm, source }: ObjectSum): boolean => {
        if (source === 'etag' && !evidence.isWorthwhile(bucket)) return false
        return verify === 'all' || algorithm !== 'md5' || size <= cheapMd5MaxBytes
      }
      const isWhole = range.start === 0 && range.end === size && size > 0
      const sum = isWhole && verify !== 'off' ? findObjectSum(etag, headers, accepts) : undefined
      if (sum === undefined) return { source: body, isSound: () => true }

      let sound = true
      const judge = (hex: string): void => {
        if (hex === sum.hex) {
          if (sum.source === 'etag') evidence.agreed(bucket)
          return
        }
        const verdict = sum.source === 'etag' ? evidence.disagreed(bucket, key, etag, hex) : 'broken'
        if (verdict === 'opaque') return
        sound = false
        onMismatch(sum.algorithm)
        if (verdict === 'broken') {
          body.cancel()
          throw new ProxyError('UpstreamCorrupt', { source: 'upstream', retryable: true, reason: 'checksum-mismatch' })
        }
      }
      return { source: summing(body, size, createSumDigest(sum.algorithm), judge), isSound: () => sound }
    },
  }
}

/** `body`, whose sum goes to `judge` before the byte at `size` completes it. A longer body is for others to refuse. */
function summing(
  body: ByteSource,
  size: number,
  making: SumDigest | Promise<SumDigest>,
  judge: (hex: string) => void,
): ByteSource {
  let digest = making
  let received = 0
  const take = (ready: SumDigest, chunk: Uint8Array | null): Uint8Array | null => {
    if (chunk === null || received >= size) return chunk
    received += chunk.length
    if (received <= size) ready.update(chunk)
    if (received === size) judge(ready.digest())
    return chunk
  }
  const next = (ready: SumDigest): Uint8Array | null | Promise<Uint8Array | null> => {
    const chunk = body.next()
    return chunk instanceof Promise ? chunk.then((value) => take(ready, value)) : take(ready, chunk)
  }
  return {
    next() {
      if (!(digest instanceof Promise)) return next(digest)
      return digest.then((ready) => {
        digest = ready
        return next(ready)
      })
    },
    cancel: (reason) => body.cancel(reason),
    recycle: (chunk) => body.recycle?.(chunk),
  }
}
