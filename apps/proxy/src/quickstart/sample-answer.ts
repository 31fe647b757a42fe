import {
  evaluateConditions,
  formatContentRange,
  formatHttpDate,
  formatS3Error,
  formatUnsatisfiedRange,
  headerValue,
  parseQuery,
  parseRangeHeader,
  percentDecodeOnce,
  type RequestHead,
  readConditions,
  resolveRange,
} from '@s3proxy/protocol'
import { listObjects } from './list-objects.ts'
import type { Sample } from './samples.ts'

/** What the sample origin serves. */
export interface SampleBucket {
  readonly name: string
  readonly samples: readonly Sample[]
  /** Last-Modified of every object, milliseconds since the epoch. */
  readonly lastModified: number
}

/** An answer, complete. */
export interface SampleAnswer {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: Uint8Array
}

const nothing = new Uint8Array(0)

/** Answers as S3 does for GET and HEAD of objects and for ListObjectsV2; the samples are public and read-only. Pure. */
export function sampleAnswer(
  bucket: SampleBucket,
  { method, target, headers }: RequestHead,
  requestId: string,
): SampleAnswer {
  const [path = '/', query = ''] = target.split('?', 2)
  const { bucketName, key } = splitPath(percentDecodeOnce(path))
  const fail = (status: number, code: string, message: string, extra: Record<string, string> = {}): SampleAnswer => ({
    status,
    headers: { 'Content-Type': 'application/xml', ...extra },
    body: Buffer.from(formatS3Error({ code, message, requestId, resource: path })),
  })
  if (method !== 'GET' && method !== 'HEAD') return fail(403, 'AccessDenied', 'The sample bucket is read-only.')
  if (bucketName !== bucket.name) return fail(404, 'NoSuchBucket', `The sample bucket is called ${bucket.name}.`)
  if (key === '') {
    const body = Buffer.from(listObjects(bucket, parseQuery(query)))
    return { status: 200, headers: { 'Content-Type': 'application/xml' }, body }
  }
  const sample = bucket.samples.find((candidate) => candidate.key === key)
  if (sample === undefined) return fail(404, 'NoSuchKey', 'The specified key does not exist.')

  const { etag, contentType, body } = sample
  const validators = { ETag: etag, 'Last-Modified': formatHttpDate(bucket.lastModified) }
  const verdict = evaluateConditions(readConditions(headers), { etag, lastModified: bucket.lastModified })
  if (verdict.kind === 'precondition-failed') {
    return fail(412, 'PreconditionFailed', `${verdict.condition} did not hold.`, validators)
  }
  if (verdict.kind === 'not-modified') return { status: 304, headers: validators, body: nothing }

  const wanted = verdict.range === 'honour' ? headerValue(headers, 'range') : undefined
  const resolved =
    wanted === undefined ? { kind: 'whole' as const } : resolveRange(parseRangeHeader(wanted), body.length)
  const common = { ...validators, 'Accept-Ranges': 'bytes', 'Content-Type': contentType }
  switch (resolved.kind) {
    case 'unsatisfiable':
      return fail(416, 'InvalidRange', 'The requested range is not satisfiable', {
        'Content-Range': formatUnsatisfiedRange(body.length),
      })
    case 'range': {
      const { range } = resolved
      const contentRange = formatContentRange(range, body.length)
      return {
        status: 206,
        headers: { ...common, 'Content-Range': contentRange },
        body: body.subarray(range.start, range.end),
      }
    }
    case 'whole':
      return { status: 200, headers: common, body }
  }
}

function splitPath(path: string): { readonly bucketName: string; readonly key: string } {
  const slash = path.indexOf('/', 1)
  return slash === -1
    ? { bucketName: path.slice(1), key: '' }
    : { bucketName: path.slice(1, slash), key: path.slice(slash + 1) }
}
