import { type ErrorCode, errorCodes } from './error-codes.ts'

/** Where a failure arose. `store` is the cache: such an error is never shown to a client, the request goes upstream. */
export type ErrorSource = 'client' | 'proxy' | 'upstream' | 'store'

/** What a {@link ProxyError} is made of. */
export interface ProxyErrorOptions {
  readonly source: ErrorSource
  /** Whether the same request may succeed when it is sent again. Default false. */
  readonly retryable?: boolean
  /** The failure underneath. */
  readonly cause?: unknown
  /** What happened, for people. Default: the message of the code. Must hold no secret. */
  readonly message?: string
  /** A short, closed reason for logs, metrics and `Cache-Status`. Default: the code. */
  readonly reason?: string
}

/** The one error of s3proxy. Match on `code`, never on the text. */
export class ProxyError extends Error {
  override readonly name = 'ProxyError'
  readonly code: ErrorCode
  /** The HTTP status a client gets, 400 to 599. */
  readonly status: number
  readonly source: ErrorSource
  readonly retryable: boolean
  readonly reason: string

  constructor(code: ErrorCode, options: ProxyErrorOptions) {
    super(
      options.message ?? errorCodes[code].message,
      options.cause === undefined ? undefined : { cause: options.cause },
    )
    this.code = code
    this.status = errorCodes[code].status
    this.source = options.source
    this.retryable = options.retryable ?? false
    this.reason = options.reason ?? code
  }
}

/** `error` as a ProxyError: itself if it is one, otherwise an InternalError of `source` with it as the cause. */
export function toProxyError(error: unknown, source: ErrorSource): ProxyError {
  return error instanceof ProxyError ? error : new ProxyError('InternalError', { source, cause: error })
}

/**
 * Whether `error`, or what caused it, says that the bytes before it may be wrong: the whole does not have its checksum or its
 * length. What was sent of it must not be completed with bytes from elsewhere.
 */
export function castsDoubt(error: unknown): boolean {
  if (!(error instanceof ProxyError)) return false
  return error.code === 'UpstreamCorrupt' || error.reason === 'body-too-long' || castsDoubt(error.cause)
}
