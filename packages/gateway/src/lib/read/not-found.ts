import { bufferSource, formatS3Error } from '@s3proxy/protocol'
import type { Answer } from '../answer.ts'
import type { ReadRequest } from '../decide.ts'
import type { Exchange } from '../exchange.ts'

/** A 404 that S3 gave to somebody a moment ago, in S3's words (S3 API, error code NoSuchKey). */
export function notFound({ requestId }: Exchange, { method }: ReadRequest): Answer {
  const xml = formatS3Error({ code: 'NoSuchKey', message: 'The specified key does not exist.', requestId })
  const body = Buffer.from(xml)
  const headers = ['Content-Type', 'application/xml', 'x-amz-request-id', requestId]
  if (method === 'GET') headers.push('Content-Length', String(body.length))
  return {
    kind: 'response',
    head: { status: 404, reason: '', headers },
    body: method === 'GET' ? bufferSource(body) : undefined,
    cache: { kind: 'hit', detail: 'negative' },
    objectSize: undefined,
    bytesFromCache: 0,
  }
}
