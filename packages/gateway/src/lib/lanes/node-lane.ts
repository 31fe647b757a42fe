import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { type ErrorCode, makeRequestId, ProxyError } from '@s3proxy/protocol'
import { errorAnswer } from '../error-answer.ts'
import type { Gateway } from '../gateway.ts'
import { requestBody } from './node-request-body.ts'
import { createNodeResponder } from './node-responder.ts'

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

/** A `node:http` server, not yet listening, whose requests go to the gateway. */
export function createNodeLane(options: NodeLaneOptions): Server {
  const { gateway, limits = {} } = options
  const now = options.now ?? Date.now
  const random = options.random ?? Math.random
  const server = createServer({
    maxHeaderSize: limits.maxHeadBytes ?? 64 << 10,
    headersTimeout: limits.headTimeoutMs ?? 30_000,
    // A 5 GiB upload over a slow line takes its time; idle bodies are the upstream's time limit.
    requestTimeout: 0,
    keepAliveTimeout: limits.idleTimeoutMs ?? 60_000,
    requireHostHeader: false,
    noDelay: true,
  })
  // A client that neither sends nor takes a byte for so long has gone without saying so.
  server.timeout = limits.stallTimeoutMs ?? 660_000
  server.maxHeadersCount = limits.maxHeaderFields ?? 256

  const handle = (request: IncomingMessage, response: ServerResponse): void => {
    void gateway.handle({
      requestId: makeRequestId(random),
      startedAt: now(),
      remoteAddress: request.socket.remoteAddress ?? '-',
      head: { method: request.method ?? '', target: request.url ?? '', headers: request.rawHeaders },
      body: requestBody(request),
      responder: createNodeResponder(request, response),
    })
  }
  server.on('request', handle)
  // The store says 100 or a final status; answering 100 here would promise for it.
  server.on('checkContinue', handle)
  server.on('checkExpectation', handle)
  server.on('connect', (_request, socket) => {
    refuse(socket as Socket, 'NotImplemented', 'connect-not-supported')
  })
  server.on('clientError', (cause: NodeJS.ErrnoException, socket) => {
    const code = malformedCode(cause.code)
    if (code === undefined || !socket.writable) {
      socket.destroy()
      return
    }
    refuse(socket as Socket, code, cause.code ?? 'malformed', cause)
  })

  const refuse = (socket: Socket, code: ErrorCode, reason: string, cause?: unknown): void => {
    const error = new ProxyError(code, { source: 'client', reason, cause })
    const { head, body } = errorAnswer(error, makeRequestId(random), undefined)
    const lines = [`HTTP/1.1 ${head.status} ${head.status === 501 ? 'Not Implemented' : 'Bad Request'}`]
    for (let i = 0; i + 1 < head.headers.length; i += 2) lines.push(`${head.headers[i]}: ${head.headers[i + 1]}`)
    lines.push(`Date: ${new Date(now()).toUTCString()}`, 'Connection: close', '', '')
    socket.end(Buffer.concat([Buffer.from(lines.join('\r\n'), 'latin1'), body]), () => socket.destroy())
    options.onMalformed?.(socket.remoteAddress ?? '-', error)
  }
  return server
}

/** The S3 error for a failure of Node's parser; undefined when the connection itself failed. */
function malformedCode(code: string | undefined): ErrorCode | undefined {
  if (code === 'HPE_HEADER_OVERFLOW') return 'RequestHeaderSectionTooLarge'
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT') return 'RequestTimeout'
  if (code?.startsWith('HPE_') === true) return 'InvalidRequest'
  return undefined
}
