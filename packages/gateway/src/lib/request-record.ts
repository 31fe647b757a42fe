/** What the cache did for a request: the word people see in `X-Cache`, in the log and as a metric's label. */
export type RequestOutcome = 'hit' | 'miss' | 'revalidated' | 'bypass' | 'error'

/**
 * One finished request, as the gateway tells it to the access log and the metrics. The raw `target` may hold presigned
 * credentials: whoever writes it down redacts it first (see `redact-target.ts`).
 */
export interface RequestRecord {
  /** The id the client got in `x-amz-request-id`, or the proxy's own. */
  readonly requestId: string
  /** When the head had arrived, milliseconds since the epoch. */
  readonly startedAt: number
  /** IP address of the peer. */
  readonly remoteAddress: string
  readonly method: string
  /** The request target, byte for byte. */
  readonly target: string
  readonly hostHeader: string | undefined
  /** S3 API name (`GetObject`, `ListObjectsV2`, …) or `Unknown`. */
  readonly operation: string
  readonly scope: 'service' | 'bucket' | 'object' | 'none'
  readonly bucket: string | undefined
  /** A binary string: one UTF-16 unit per byte, percent-decoded once. */
  readonly key: string | undefined
  readonly versionId: string | undefined
  /** 100 to 599; 0 when the client left before there was one. */
  readonly status: number
  /** S3 error code, undefined when there was no error. */
  readonly errorCode: string | undefined
  /** Body bytes that were handed to the connection, not those announced. */
  readonly bytesSent: number
  /** Complete size of the object, bytes. */
  readonly objectSize: number | undefined
  /** From the head's arrival to the last byte sent. */
  readonly totalMs: number
  /** From the end of the request to the first byte of the answer. */
  readonly turnaroundMs: number | undefined
  readonly referer: string | undefined
  readonly userAgent: string | undefined
  /** Access key id, never a secret. */
  readonly requester: string | undefined
  readonly authType: 'AuthHeader' | 'QueryString' | undefined
  readonly signatureVersion: 'SigV2' | 'SigV4' | 'SigV4A' | undefined
  readonly outcome: RequestOutcome
  /** A short, closed word that says why the outcome is what it is. */
  readonly reason: string
  readonly bytesFromCache: number
  readonly bytesFromUpstream: number
  /** The client or the proxy broke the connection before the answer was complete. */
  readonly aborted: boolean
}
