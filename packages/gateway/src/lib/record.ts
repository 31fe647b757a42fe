import type { ProxyError } from '@s3proxy/protocol'
import type { Address } from '@s3proxy/router'
import type { Answer, CacheOutcome } from './answer.ts'
import type { Classified } from './decide.ts'
import type { Delivery } from './deliver.ts'
import type { Exchange } from './exchange.ts'
import { readFields } from './request-fields.ts'
import type { RequestRecord } from './request-record.ts'

/** What is known of a request when it has ended. */
export interface Ended {
  readonly exchange: Exchange
  /** Undefined if it could not be routed. */
  readonly classified: Classified | undefined
  readonly answer: Answer
  readonly delivery: Delivery
  /** From an S3 error document that passed. */
  readonly upstreamErrorCode: string | undefined
  /** Milliseconds since the epoch. */
  readonly headAt: number | undefined
  readonly endedAt: number
}

/** The one line a request leaves behind, for log and metrics. */
export function recordOf(ended: Ended): RequestRecord {
  const { exchange, classified, answer, delivery, headAt } = ended
  const fields = classified?.fields ?? readFields(exchange.head.headers)
  const address = classified?.route.address
  const scope = scopeOfRecord(address)
  const authorization = classified?.authorization
  const signature = authorization?.kind === 'header' || authorization?.kind === 'presigned' ? authorization : undefined
  const error = delivery.kind === 'broken' ? delivery.error : answer.kind === 'error' ? answer.error : undefined
  const { bytesSent } = exchange.responder
  const bytesFromCache = answer.kind === 'response' ? Math.min(answer.bytesFromCache, bytesSent) : 0
  return {
    requestId: exchange.requestId,
    startedAt: exchange.startedAt,
    remoteAddress: exchange.remoteAddress,
    method: exchange.head.method,
    target: exchange.head.target,
    hostHeader: fields.host,
    operation: classified?.operation.name ?? 'Unknown',
    scope,
    bucket: address?.kind === 'object' || address?.kind === 'bucket' ? address.bucket : undefined,
    key: address?.kind === 'object' ? address.key : undefined,
    versionId: classified?.versionId,
    status: answer.kind === 'error' ? answer.error.status : answer.head.status,
    errorCode: error?.code ?? ended.upstreamErrorCode,
    bytesSent,
    objectSize: answer.kind === 'response' ? answer.objectSize : undefined,
    totalMs: ended.endedAt - exchange.startedAt,
    turnaroundMs: headAt === undefined ? undefined : headAt - exchange.startedAt,
    referer: fields.referer,
    userAgent: fields.userAgent,
    requester: signature?.accessKeyId,
    authType: signature && (signature.kind === 'header' ? 'AuthHeader' : 'QueryString'),
    signatureVersion: signature && signatureVersions[signature.scheme],
    outcome: answer.kind === 'error' || delivery.kind === 'broken' ? 'error' : outcomeOf(answer.cache),
    reason: reasonOf(answer, error),
    bytesFromCache,
    bytesFromUpstream: answer.kind === 'response' ? bytesSent - bytesFromCache : 0,
    aborted: delivery.kind !== 'complete',
  }
}

/** A partial hit is a miss to those who count hits. */
function outcomeOf(cache: CacheOutcome): RequestRecord['outcome'] {
  return cache.kind === 'partial' ? 'miss' : cache.kind
}

function reasonOf(answer: Answer, error: ProxyError | undefined): string {
  if (error !== undefined) return error.reason
  if (answer.kind === 'error') return answer.error.reason
  switch (answer.cache.kind) {
    case 'hit':
      return answer.cache.detail ?? 'hit'
    case 'revalidated':
    case 'partial':
      return answer.cache.kind
    case 'miss':
      return answer.cache.fill
    case 'bypass':
      return answer.cache.reason
  }
}

function scopeOfRecord(address: Address | undefined): RequestRecord['scope'] {
  if (address === undefined) return 'none'
  return address.kind === 'uncacheable' ? 'service' : address.kind
}

const signatureVersions = { v2: 'SigV2', v4: 'SigV4', v4a: 'SigV4A' } as const
