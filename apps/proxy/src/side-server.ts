import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'

/** A request to one of the listeners beside the proxy. */
export interface SideRequest {
  /** The path of the target, without the query, as sent. */
  readonly path: string
  /** Without the question mark; empty if there is none. */
  readonly query: string
  /** The `Accept` field; empty if there is none. */
  readonly accept: string
}

/** What is answered. */
export type SideAnswer =
  | { readonly kind: 'document'; readonly status: number; readonly contentType: string; readonly body: string }
  | { readonly kind: 'not-found' }

/** Connections at once: probes and scrapers are few. */
const maxConnections = 64
const maxHeadBytes = 16 * 1024
const patienceMs = 5000

/**
 * A small HTTP server for GET and HEAD, bounded in everything: other methods are answered 405, unknown paths 404, a
 * failing `respond` 500 (told to `onError`). It never reads a body. The caller listens.
 */
export function createSideServer(
  respond: (request: SideRequest) => SideAnswer | Promise<SideAnswer>,
  onError: (error: unknown) => void = () => undefined,
): Server {
  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      response.setHeader('Allow', 'GET, HEAD')
      send(response, text(405, 'Only GET and HEAD are answered here.\n'), { close: true })
      return
    }
    const [path = '', query = ''] = splitTarget(request.url ?? '')
    const found = await respond({ path, query, accept: request.headers.accept ?? '' })
    send(response, found.kind === 'document' ? found : text(404, 'There is nothing at this path.\n'), {
      close: hasBody(request),
    })
  }
  const server = createServer(
    {
      maxHeaderSize: maxHeadBytes,
      headersTimeout: patienceMs,
      requestTimeout: patienceMs,
      keepAliveTimeout: patienceMs,
      connectionsCheckingInterval: patienceMs,
    },
    (request, response) => {
      answer(request, response).catch((error: unknown) => {
        onError(error)
        send(response, text(500, 'The answer could not be made.\n'), { close: true })
      })
    },
  )
  server.maxConnections = maxConnections
  server.timeout = 2 * patienceMs
  return server
}

function text(status: number, body: string): SideAnswer & { readonly kind: 'document' } {
  return { kind: 'document', status, contentType: 'text/plain; charset=utf-8', body }
}

function send(
  response: ServerResponse,
  answer: SideAnswer & { readonly kind: 'document' },
  { close }: { readonly close: boolean },
): void {
  if (response.headersSent) {
    response.destroy()
    return
  }
  response.writeHead(answer.status, {
    'Content-Type': answer.contentType,
    'Content-Length': Buffer.byteLength(answer.body),
    'Cache-Control': 'no-store',
    'X-Content-Type-Options': 'nosniff',
    ...(close ? { Connection: 'close' } : {}),
  })
  response.end(answer.body) // Node leaves the body out for HEAD
}

function hasBody({ headers }: IncomingMessage): boolean {
  return headers['transfer-encoding'] !== undefined || (headers['content-length'] ?? '0') !== '0'
}

/** Path and query of a target in origin-form or absolute-form (RFC 9112 section 3.2). */
function splitTarget(target: string): string[] {
  const origin = target.replace(/^[a-z][a-z0-9+.-]{0,20}:\/\/[^/?]*/i, '')
  const question = origin.indexOf('?')
  return question < 0 ? [origin] : [origin.slice(0, question), origin.slice(question + 1)]
}
