/**
 * Every error the proxy itself can answer with. Where S3 has a code for the case the client gets that name
 * (https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html).
 */
export const errorCodes = {
  InvalidRequest: { status: 400, message: 'The request is not valid.' },
  InvalidURI: { status: 400, message: "Couldn't parse the specified URI." },
  MissingHostHeader: { status: 400, message: 'The request has no Host header.' },
  RequestHeaderSectionTooLarge: { status: 400, message: 'The request header exceeds the maximum allowed size.' },
  RequestTimeout: { status: 400, message: 'The request was not received within the timeout period.' },
  AccessDenied: { status: 403, message: 'Access Denied' },
  PreconditionFailed: { status: 412, message: 'At least one of the preconditions you specified did not hold.' },
  InvalidRange: { status: 416, message: 'The requested range is not satisfiable' },
  InternalError: { status: 500, message: 'We encountered an internal error. Please try again.' },
  NotImplemented: { status: 501, message: 'The proxy does not implement this function.' },
  BadGateway: { status: 502, message: 'The store could not be reached or gave an answer that is not valid HTTP.' },
  UpstreamTlsError: { status: 502, message: 'The TLS connection to the store could not be made.' },
  UpstreamTruncated: { status: 502, message: 'The store ended the connection before the answer was complete.' },
  UpstreamCorrupt: { status: 502, message: 'The store sent other bytes than its checksum says.' },
  ServiceUnavailable: { status: 503, message: 'The name of the store could not be resolved.' },
  SlowDown: { status: 503, message: 'Please reduce your request rate.' },
  GatewayTimeout: { status: 504, message: 'The store did not answer in time.' },
  StoreFailed: { status: 500, message: 'The cache could not read or write.' },
  ClientClosed: { status: 499, message: 'The client closed the connection.' },
} as const satisfies Record<string, { status: number; message: string }>

/** The name of one error the proxy can answer with. */
export type ErrorCode = keyof typeof errorCodes
