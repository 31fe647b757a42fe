import {
  type Authorization,
  classifyOperation,
  headerValue,
  headerValues,
  isSigned,
  type Operation,
  parseAuthorization,
  parseQuery,
  parseRangeHeader,
  parseReadParameters,
  type QueryParameter,
  type RangeSpec,
  type RequestHead,
} from '@s3proxy/protocol'
import { type Address, bucketKey, cacheKey, type Route } from '@s3proxy/router'
import type { NotCachedReason } from './not-cached.ts'
import type { PartRequest } from './read/known-part.ts'
import type { ReadPolicies, ReadPolicy } from './read-policy.ts'

/** A read that the cache may answer. */
export interface ReadRequest {
  readonly policy: ReadPolicy
  readonly method: 'GET' | 'HEAD'
  readonly key: string
  readonly bucket: string
  /** Undefined: the whole object, or a part whose bounds are not known. */
  readonly range: RangeSpec | undefined
  /** A part of a multipart object, by its number. */
  readonly part: PartRequest | undefined
  /** An If-Range decides whether the range counts, so that the answer may be the whole object. */
  readonly conditionalRange: boolean
  /** `response-*` parameters: header name and value to answer with (S3 GetObject, request parameters). */
  readonly overrides: readonly (readonly [name: string, value: string])[]
  readonly wantsChecksums: boolean
  /** A version by its id: its bytes can never be others. */
  readonly immutable: boolean
  /** The client wants S3 asked: `Cache-Control: no-cache`, `Pragma`, or an `Origin` whose CORS headers only S3 knows. */
  readonly mustAsk: boolean
}

/** What to do with a request. */
export type Decision =
  | { readonly kind: 'read'; readonly read: ReadRequest }
  | { readonly kind: 'write'; readonly operation: Operation & { readonly kind: 'write' } }
  | { readonly kind: 'forward'; readonly reason: NotCachedReason }

/** All that is known of a request once it was routed and classified. */
export interface Classified {
  readonly route: Route
  readonly operation: Operation
  readonly authorization: Authorization
  /** Whether the client signed the header of this lower-case name, so that it must go up as it is. */
  readonly signed: (lowerName: string) => boolean
  readonly versionId: string | undefined
  readonly decision: Decision
}

/** Routes' second half: from the address and the head to an operation and what to do with it. Pure. */
export function classify(route: Route, head: RequestHead, hasBody: boolean, policies: ReadPolicies): Classified {
  const query = parseQuery(route.query)
  const scope = scopeOf(route.address)
  const operation = classifyOperation({ method: head.method, scope, query, headers: head.headers })
  const authorization = parseAuthorization(head, query)
  return {
    route,
    operation,
    authorization,
    signed: (name) => isSigned(authorization, name),
    versionId: query.find((parameter) => parameter.name === 'versionId')?.value,
    decision: decide(route.address, head, operation, query, hasBody, policies),
  }
}

function scopeOf(address: Address): 'service' | 'bucket' | 'object' {
  return address.kind === 'uncacheable' ? 'service' : address.kind
}

function decide(
  address: Address,
  head: RequestHead,
  operation: Operation,
  query: readonly QueryParameter[],
  hasBody: boolean,
  policies: ReadPolicies,
): Decision {
  const forward = (reason: NotCachedReason): Decision => ({ kind: 'forward', reason })
  if (address.kind === 'uncacheable') return forward('uncacheable-address')
  if (operation.kind === 'write') return { kind: 'write', operation }
  if (operation.kind !== 'read' || address.kind !== 'object') return forward('operation')
  if (hasBody) return forward('request-body')

  const parameters = parseReadParameters(query)
  if (parameters.kind === 'unknown') return forward('unknown-query')
  const part = partRequest(parameters.partNumber)
  // What a HEAD of a part looks like differs between stores, and a Range of a part is refused in S3's own words.
  const unclear =
    part === undefined || operation.name === 'HeadObject' || headerValue(head.headers, 'range') !== undefined
  if (parameters.partNumber !== undefined && unclear) return forward('part-number')
  if (parameters.versionId === 'null') return forward('null-version')
  const { headers } = head
  if (headerValue(headers, 'x-amz-server-side-encryption-customer-algorithm') !== undefined) return forward('sse-c')
  if (headerValue(headers, 'x-amz-server-side-encryption-customer-key') !== undefined) return forward('sse-c')
  if (directives(headers, 'cache-control').includes('no-store')) return forward('no-store-request')

  if (hasUnknownField(headers)) return forward('unknown-header')
  if (singletons.some((name) => headerValues(headers, name).length > 1)) return forward('repeated-field')

  const rangeValue = headerValue(headers, 'range')
  const range = rangeValue === undefined ? undefined : parseRangeHeader(rangeValue)
  if (range?.kind === 'multiple') return forward('multiple-ranges')
  if (range?.kind === 'malformed') return forward('malformed-range')

  const { namespace, bucket, key } = address
  const policy = policies.of(bucket, key)
  if (!policy.cache) return forward('rule')
  const { versionId, overrides } = parameters
  const object = versionId === undefined ? { namespace, bucket, key } : { namespace, bucket, key, versionId }
  return {
    kind: 'read',
    read: {
      policy,
      method: operation.name === 'HeadObject' ? 'HEAD' : 'GET',
      key: cacheKey(object),
      bucket: bucketKey({ namespace, bucket }),
      range,
      part:
        part === undefined
          ? undefined
          : { key: cacheKey({ ...object, partNumber: part }), number: part, known: undefined },
      conditionalRange: headerValue(headers, 'if-range') !== undefined,
      overrides,
      immutable: versionId !== undefined,
      wantsChecksums:
        parameters.checksumMode || headerValue(headers, 'x-amz-checksum-mode')?.toUpperCase() === 'ENABLED',
      mustAsk:
        headerValue(headers, 'origin') !== undefined ||
        directives(headers, 'cache-control').some(
          (directive) => directive === 'no-cache' || directive === 'max-age=0',
        ) ||
        directives(headers, 'pragma').includes('no-cache'),
    },
  }
}

/** The part asked for; undefined for none and for what is no canonical number of a part. */
function partRequest(partNumber: string | undefined): number | undefined {
  return partNumber !== undefined && /^[1-9]\d{0,4}$/.test(partNumber) && Number(partNumber) <= 10_000
    ? Number(partNumber)
    : undefined
}

/** Fields that mean something only once; which of several counts is the store's to say. */
const singletons = [
  'range',
  'if-range',
  'if-match',
  'if-none-match',
  'if-modified-since',
  'if-unmodified-since',
] as const

/** Fields of S3's own in a read that change nothing about the answer, or that are dealt with where they matter. */
const knownFields: ReadonlySet<string> = new Set([
  'x-amz-checksum-mode',
  'x-amz-content-sha256',
  'x-amz-date',
  'x-amz-expected-bucket-owner',
  'x-amz-region-set',
  'x-amz-request-payer',
  'x-amz-s3session-token',
  'x-amz-security-token',
  'x-amz-user-agent',
])

/** Whether S3 may answer otherwise because of a field that we do not know. */
function hasUnknownField(headers: RequestHead['headers']): boolean {
  for (let i = 0; i < headers.length; i += 2) {
    const name = (headers[i] as string).toLowerCase()
    if (name.startsWith('x-amz-') && !knownFields.has(name)) return true
  }
  return false
}

function directives(headers: RequestHead['headers'], name: string): string[] {
  const value = headerValue(headers, name)
  return value === undefined
    ? []
    : value
        .toLowerCase()
        .split(',')
        .map((directive) => directive.trim())
}
