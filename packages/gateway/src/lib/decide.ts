import {
  type Authorization,
  classifyOperation,
  isSigned,
  type Operation,
  parseAuthorization,
  parseRangeHeader,
  type RangeSpec,
  type RequestHead,
} from '@s3proxy/protocol'
import { cacheKey, type Route } from '@s3proxy/router'
import type { NotCachedReason } from './not-cached.ts'
import type { PartRequest } from './read/known-part.ts'
import type { ReadPolicies, ReadPolicy } from './read-policy.ts'
import type { RequestFields } from './request-fields.ts'
import { type Resource, scopeOf } from './resource.ts'

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
export class Classified {
  readonly fields: RequestFields
  readonly decision: Decision
  readonly operation: Operation
  readonly #resource: Resource
  readonly #head: RequestHead
  #authorization: Authorization | undefined

  constructor(resource: Resource, head: RequestHead, fields: RequestFields, operation: Operation, decision: Decision) {
    this.#resource = resource
    this.#head = head
    this.fields = fields
    this.operation = operation
    this.decision = decision
  }

  get route(): Route {
    return this.#resource.route
  }

  get versionId(): string | undefined {
    return this.#resource.versionId
  }

  /** Read when it is first asked for. */
  get authorization(): Authorization {
    this.#authorization ??= parseAuthorization(this.#head, this.#resource.query)
    return this.#authorization
  }

  /** Whether the client signed the header of this lower-case name, so that it must go up as it is. */
  signed(lowerName: string): boolean {
    return isSigned(this.authorization, lowerName)
  }
}

/** Routes' second half: from the resource and the fields to an operation and what to do with it. Pure. */
export function classify(
  resource: Resource,
  head: RequestHead,
  fields: RequestFields,
  hasBody: boolean,
  policies: ReadPolicies,
): Classified {
  const { route, query } = resource
  const operation =
    resource.operation ??
    classifyOperation({ method: head.method, scope: scopeOf(route.address), query, headers: head.headers })
  return new Classified(resource, head, fields, operation, decide(resource, fields, operation, hasBody, policies))
}

function forward(reason: NotCachedReason): Decision {
  return { kind: 'forward', reason }
}

function decide(
  { route, object }: Resource,
  fields: RequestFields,
  operation: Operation,
  hasBody: boolean,
  policies: ReadPolicies,
): Decision {
  if (route.address.kind === 'uncacheable') return forward('uncacheable-address')
  if (operation.kind === 'write') return { kind: 'write', operation }
  if (operation.kind !== 'read' || object === undefined) return forward('operation')
  if (hasBody) return forward('request-body')

  const { parameters } = object
  if (parameters.kind === 'unknown') return forward('unknown-query')
  const part = partRequest(parameters.partNumber)
  // What a HEAD of a part looks like differs between stores, and a Range of a part is refused in S3's own words.
  const unclear = part === undefined || operation.name === 'HeadObject' || fields.range !== undefined
  if (parameters.partNumber !== undefined && unclear) return forward('part-number')
  if (parameters.versionId === 'null') return forward('null-version')
  if (fields.customerKey) return forward('sse-c')
  const { cacheControl, pragma } = fields
  if (hasDirective(cacheControl, 'no-store')) return forward('no-store-request')
  if (fields.unknown) return forward('unknown-header')
  if (fields.repeated) return forward('repeated-field')

  const range = fields.range === undefined ? undefined : parseRangeHeader(fields.range)
  if (range?.kind === 'multiple') return forward('multiple-ranges')
  if (range?.kind === 'malformed') return forward('malformed-range')

  const { namespace, bucket, key } = object.address
  const policy = policies.of(bucket, key)
  if (!policy.cache) return forward('rule')
  const { versionId, overrides } = parameters
  return {
    kind: 'read',
    read: {
      policy,
      method: operation.name === 'HeadObject' ? 'HEAD' : 'GET',
      key: object.key,
      bucket: object.bucket,
      range,
      part:
        part === undefined
          ? undefined
          : { key: cacheKey({ namespace, bucket, key, versionId, partNumber: part }), number: part, known: undefined },
      conditionalRange: fields.ifRange !== undefined,
      overrides,
      immutable: versionId !== undefined,
      wantsChecksums: parameters.checksumMode || fields.checksumMode?.toUpperCase() === 'ENABLED',
      mustAsk:
        fields.origin !== undefined ||
        hasDirective(cacheControl, 'no-cache') ||
        hasDirective(cacheControl, 'max-age=0') ||
        hasDirective(pragma, 'no-cache'),
    },
  }
}

/** The part asked for; undefined for none and for what is no canonical number of a part. */
function partRequest(partNumber: string | undefined): number | undefined {
  return partNumber !== undefined && /^[1-9]\d{0,4}$/.test(partNumber) && Number(partNumber) <= 10_000
    ? Number(partNumber)
    : undefined
}

function hasDirective(value: string | undefined, directive: string): boolean {
  if (value === undefined) return false
  return value
    .toLowerCase()
    .split(',')
    .some((each) => each.trim() === directive)
}
