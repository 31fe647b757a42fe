import { formatS3Error, type ProxyError, type ResponseHead } from '@s3proxy/protocol'

/** Seconds after which a client that was turned away may try again. */
const retryAfterSeconds = 1

/** What a client gets for an error of the proxy's own: S3's XML with a request id, and the reason for operators. */
export interface ErrorAnswer {
  readonly head: ResponseHead
  readonly body: Uint8Array
}

/** `error` as S3 would answer it. `path` names the resource; a HEAD gets the head alone. */
export function errorAnswer(error: ProxyError, requestId: string, path: string | undefined): ErrorAnswer {
  const xml = formatS3Error({ code: error.code, message: error.message, requestId, resource: path })
  const body = Buffer.from(xml, 'utf8')
  const headers = [
    'Content-Type',
    'application/xml',
    'Content-Length',
    String(body.length),
    'x-amz-request-id',
    requestId,
    'Cache-Status',
    `s3proxy; detail=${error.reason}`,
    'X-Cache',
    'ERROR',
  ]
  if (error.code === 'SlowDown' || error.code === 'ServiceUnavailable')
    headers.push('Retry-After', String(retryAfterSeconds))
  return { head: { status: error.status, reason: '', headers }, body }
}
