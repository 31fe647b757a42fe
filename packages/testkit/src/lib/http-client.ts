import { connect as connectNet, type Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'
import type { RawHeaders, ResponseHead } from '@s3proxy/protocol'
import { type BodyEnd, readBody } from './wire/body.ts'
import { formatHead, parseHead, responseFraming } from './wire/head.ts'
import { createSocketReader, type SocketReader } from './wire/socket-reader.ts'

/** Where to connect. */
export interface HttpClientOptions {
  /** Default `127.0.0.1`. */
  readonly host?: string
  readonly port: number
  /** Speaks TLS, trusting only `ca`. */
  readonly tls?: { readonly ca: string; readonly servername?: string }
}

/** A request in parts; the client adds nothing to it. */
export interface RawRequest {
  readonly method: string
  readonly target: string
  readonly headers: RawHeaders
  readonly body?: Uint8Array
}

/** How to read an answer. */
export interface ReceiveOptions {
  /** The method it answers: an answer to HEAD has no body. Default `GET`. */
  readonly method?: string
  /** Gets the body instead of `HttpAnswer.body`; reading waits for it. */
  readonly onBody?: (bytes: Buffer) => void | Promise<void>
}

/** One final answer, as it came. */
export interface HttpAnswer extends ResponseHead {
  /** `HTTP/1.1`, as sent. */
  readonly version: string
  /** The head's exact bytes. */
  readonly rawHead: Buffer
  /** The 1xx answers that came before, in order. */
  readonly interim: readonly ResponseHead[]
  readonly body: Buffer
  /** Number of body bytes, also when `onBody` took them. */
  readonly bodyBytes: number
  /** Whether the body ended by its own framing. */
  readonly end: BodyEnd
}

/** A connection on which a test sees every byte. */
export interface HttpConnection extends AsyncDisposable {
  readonly socket: Socket
  /** Sends exactly these bytes; text is latin-1. Resolves when they are handed to the kernel. */
  send(bytes: string | Uint8Array): Promise<void>
  /** The next answer. Throws if the connection ends before a whole head has come. */
  receive(options?: ReceiveOptions): Promise<HttpAnswer>
  /** Sends a request and reads its answer. */
  request(request: RawRequest, options?: ReceiveOptions): Promise<HttpAnswer>
  /** How the peer closes, once whatever it still sent has been read and dropped. */
  closed(): Promise<'end' | 'reset'>
  /** Closes abruptly. */
  destroy(): void
}

const maxHeadBytes = 1024 * 1024

/** Connects; resolves when the connection (and TLS) stands. */
export async function connectHttp({ host = '127.0.0.1', port, tls }: HttpClientOptions): Promise<HttpConnection> {
  const socket =
    tls === undefined
      ? connectNet({ host, port, noDelay: true, allowHalfOpen: true })
      : connectTls({ host, port, ca: tls.ca, ...(tls.servername === undefined ? {} : { servername: tls.servername }) })
  await new Promise<void>((resolve, reject) => {
    socket.once(tls === undefined ? 'connect' : 'secureConnect', () => resolve())
    socket.once('error', reject)
  })
  const reader = createSocketReader(socket)
  const connection: HttpConnection = {
    socket,
    send: (bytes) => write(socket, bytes),
    receive: (options) => receive(reader, options),
    async request(request, options) {
      const head = formatHead(`${request.method} ${request.target} HTTP/1.1`, request.headers)
      const sent = connection.send(request.body === undefined ? head : Buffer.concat([head, request.body]))
      const answer = await receive(reader, { method: request.method, ...options })
      sent.catch(() => undefined) // a peer may answer and close before it has read the request
      return answer
    },
    async closed() {
      for (;;) {
        const next = await reader.read()
        if (next.kind !== 'bytes') return next.kind
      }
    },
    destroy: () => socket.destroy(),
    async [Symbol.asyncDispose]() {
      socket.destroy()
    },
  }
  return connection
}

/** One request on a connection of its own. */
export async function requestOnce(
  options: HttpClientOptions,
  request: RawRequest,
  receiveOptions?: ReceiveOptions,
): Promise<HttpAnswer> {
  await using connection = await connectHttp(options)
  return await connection.request(request, receiveOptions)
}

async function receive(reader: SocketReader, { method = 'GET', onBody }: ReceiveOptions = {}): Promise<HttpAnswer> {
  const interim: ResponseHead[] = []
  for (;;) {
    const read = await reader.readThrough('\r\n\r\n', maxHeadBytes)
    if (read.kind !== 'bytes') throw new Error(`the connection ended (${read.kind}) before a whole answer head came`)
    const { startLine, headers } = parseHead(read.bytes)
    const [, version = '', digits = '', reason = ''] = /^(\S+) (\d{3}) ?(.*)$/.exec(startLine) ?? []
    if (version === '') throw new Error(`not a status line: ${JSON.stringify(startLine)}`)
    const status = Number(digits)
    if (status < 200 && status !== 101) {
      interim.push({ status, reason, headers })
      continue
    }
    const chunks: Buffer[] = []
    let bodyBytes = 0
    const end = await readBody(reader, responseFraming(method, status, headers), (bytes) => {
      bodyBytes += bytes.length
      return onBody === undefined ? void chunks.push(bytes) : onBody(bytes)
    })
    return {
      status,
      reason,
      headers,
      version,
      rawHead: read.bytes,
      interim,
      body: Buffer.concat(chunks),
      bodyBytes,
      end,
    }
  }
}

function write(socket: Socket, bytes: string | Uint8Array): Promise<void> {
  const data = typeof bytes === 'string' ? Buffer.from(bytes, 'latin1') : bytes
  return new Promise((resolve, reject) => {
    socket.write(data, (error) => (error ? reject(error) : resolve()))
  })
}
