import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { type ErrorCode, makeRequestId, ProxyError } from '@s3proxy/protocol'
import type { Gateway } from '../gateway.ts'
import { requestBody } from './node-request-body.ts'
import { createNodeResponder } from './node-responder.ts'
import { createRefusal } from './refuse.ts'

/** Bounds of what a client may send or hold. */
export interface NodeLaneLimits {
  /** A request's head must have arrived after so long. Default 30 s. */
  readonly headTimeoutMs?: number
  /** An idle kept-alive connection is closed after so long. Default 60 s. */
  readonly idleTimeoutMs?: number
  /** A connection on which nothing moves, in the midst of a request or answer, is cut after so long. Default 660 s: S3 may be silent for ten minutes while it completes an upload. */
  readonly stallTimeoutMs?: number
  /** Largest head. Default 64 KiB: presigned URLs and 8 KiB of metadata fit. */
  readonly maxHeadBytes?: number
  /** Most header fields of a request. Default 256. */
  readonly maxHeaderFields?: number
}

/** What the lane works with. */
export interface NodeLaneOptions {
  readonly gateway: Gateway
  readonly limits?: NodeLaneLimits
  /** Milliseconds since the epoch. Default `Date.now`. */
  readonly now?: () => number
  /** In `[0, 1)`. Default `Math.random`: request ids need no secrecy. */
  readonly random?: () => number
  /** Told of bytes that were no HTTP request. */
  readonly onMalformed?: (remoteAddress: string, error: ProxyError) => void
}

/** The limits with their defaults. */
export function resolveLaneLimits(limits: NodeLaneLimits = {}): Required<NodeLaneLimits> {
  return {
    headTimeoutMs: limits.headTimeoutMs ?? 30_000,
    idleTimeoutMs: limits.idleTimeoutMs ?? 60_000,
    stallTimeoutMs: limits.stallTimeoutMs ?? 660_000,
    maxHeadBytes: limits.maxHeadBytes ?? 64 << 10,
    maxHeaderFields: limits.maxHeaderFields ?? 256,
  }
}

/** A `node:http` server, not yet listening, whose requests go to the gateway. */
export function createNodeLane(options: NodeLaneOptions): Server {
  const { gateway } = options
  const limits = resolveLaneLimits(options.limits)
  const now = options.now ?? Date.now
  const random = options.random ?? Math.random
  const refuse = createRefusal({ ...options, now, random })
  const server = createServer({
    maxHeaderSize: limits.maxHeadBytes,
    headersTimeout: limits.headTimeoutMs,
    // A 5 GiB upload over a slow line takes its time; idle bodies are the upstream's time limit.
    requestTimeout: 0,
    keepAliveTimeout: limits.idleTimeoutMs,
    requireHostHeader: false,
    noDelay: true,
  })
  // A client that neither sends nor takes a byte for so long has gone without saying so.
  server.timeout = limits.stallTimeoutMs
  server.maxHeadersCount = limits.maxHeaderFields

  const handle = (request: IncomingMessage, response: ServerResponse): void => {
    const body = requestBody(request)
    gateway.handle({
      requestId: makeRequestId(random),
      startedAt: now(),
      remoteAddress: request.socket.remoteAddress ?? '-',
      head: { method: request.method ?? '', target: request.url ?? '', headers: request.rawHeaders },
      body,
      responder: createNodeResponder(request, response, body !== undefined),
    })
  }
  server.on('request', handle)
  // The store says 100 or a final status; answering 100 here would promise for it.
  server.on('checkContinue', handle)
  server.on('checkExpectation', handle)
  server.on('connect', (_request, socket) => {
    refuse(socket as Socket, new ProxyError('NotImplemented', { source: 'client', reason: 'connect-not-supported' }))
  })
  server.on('clientError', (cause: NodeJS.ErrnoException, socket) => {
    const code = malformedCode(cause.code)
    if (code === undefined || !socket.writable) {
      socket.destroy()
      return
    }
    refuse(socket as Socket, new ProxyError(code, { source: 'client', reason: cause.code ?? 'malformed', cause }))
  })

  return server
}

/** The S3 error for a failure of Node's parser; undefined when the connection itself failed. */
function malformedCode(code: string | undefined): ErrorCode | undefined {
  if (code === 'HPE_HEADER_OVERFLOW') return 'RequestHeaderSectionTooLarge'
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT') return 'RequestTimeout'
  if (code?.startsWith('HPE_') === true) return 'InvalidRequest'
  return undefined
}
