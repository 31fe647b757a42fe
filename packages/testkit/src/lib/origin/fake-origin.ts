import { createServer as createNetServer, type Server, type Socket } from 'node:net'
import { createServer as createTlsServer } from 'node:tls'
import { headerValue } from '@s3proxy/protocol'
import type { IssuedCertificate } from '../certificates.ts'
import { createSocketReader } from '../wire/socket-reader.ts'
import { createExchange, type OriginHandler, type OriginRequest } from './exchange.ts'

/** How an origin is to behave. */
export interface FakeOriginOptions {
  /** Answers what no scripted handler takes. Default: 404 without a body. */
  readonly handler?: OriginHandler
  /** Speaks TLS with this certificate. Default: plain HTTP. */
  readonly tls?: IssuedCertificate
  /** Default `127.0.0.1`. */
  readonly host?: string
}

/** A server on a free port of the loopback that answers exactly as scripted and remembers all it was sent. */
export interface FakeOrigin extends AsyncDisposable {
  readonly host: string
  readonly port: number
  /** `http://127.0.0.1:port` or `https://…`. */
  readonly url: string
  /** All requests in the order their heads came. */
  readonly requests: readonly OriginRequest[]
  /** Connections accepted so far, and those open now. */
  readonly connections: { readonly accepted: number; readonly open: number }
  /** Bytes of answers, heads included, that the kernel took. */
  readonly bytesSent: number
  /** The next requests are answered by these, one each, before the default handler has its turn. */
  script(...handlers: readonly OriginHandler[]): void
  /** Replaces the default handler. */
  handle(handler: OriginHandler): void
  /** Resolves with request number `count - 1` as soon as its head has come; at once if it has. */
  received(count: number): Promise<OriginRequest>
  /** Breaks all open connections. */
  dropConnections(): void
  /** Stops listening and breaks all connections. Throws if a handler threw, so that no test overlooks it. */
  close(): Promise<void>
}

const maxHeadBytes = 1024 * 1024
const notFound: OriginHandler = async (exchange) => {
  await exchange.write('HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n')
}

/** Starts an origin. */
export async function startFakeOrigin(options: FakeOriginOptions = {}): Promise<FakeOrigin> {
  const { tls, host = '127.0.0.1' } = options
  let handler = options.handler ?? notFound
  const scripted: OriginHandler[] = []
  const requests: OriginRequest[] = []
  const sockets = new Set<Socket>()
  const failures: unknown[] = []
  let accepted = 0
  let bytesSent = 0
  let watchers: { readonly count: number; readonly resolve: (request: OriginRequest) => void }[] = []

  const record = (request: OriginRequest): void => {
    requests.push(request)
    watchers = watchers.filter(({ count, resolve }) => {
      const wanted = requests[count - 1]
      if (wanted !== undefined) resolve(wanted)
      return wanted === undefined
    })
  }
  const serve = async (socket: Socket, connection: number): Promise<void> => {
    const gone = new AbortController()
    socket.once('close', () => gone.abort())
    const reader = createSocketReader(socket)
    for (;;) {
      const head = await reader.readThrough('\r\n\r\n', maxHeadBytes)
      if (head.kind !== 'bytes') return void socket.end()
      const exchange = createExchange({
        socket,
        reader,
        rawHead: head.bytes,
        index: requests.length,
        connection,
        gone: gone.signal,
        onSent: (bytes) => {
          bytesSent += bytes
        },
      })
      record(exchange.request)
      await (scripted.shift() ?? handler)(exchange)
      if (exchange.isOver) return
      await exchange.readBody()
      if (/\bclose\b/i.test(headerValue(exchange.request.headers, 'connection') ?? '')) return void socket.end()
    }
  }
  const onConnection = (socket: Socket): void => {
    const connection = accepted++
    sockets.add(socket)
    socket.setNoDelay(true)
    socket.on('close', () => sockets.delete(socket))
    serve(socket, connection).catch((error: unknown) => {
      failures.push(error)
      socket.destroy()
    })
  }
  const server =
    tls === undefined
      ? createNetServer({ allowHalfOpen: true }, onConnection)
      : createTlsServer({ cert: tls.certPem, key: tls.keyPem }, onConnection)
  // A client that refuses the certificate is a case under test, not a failure of the origin.
  server.on('tlsClientError', (_error: Error, socket: Socket) => socket.destroy())
  const port = await listen(server, host)

  const dropConnections = (): void => {
    for (const socket of sockets) socket.destroy()
  }
  const close = async (): Promise<void> => {
    if (server.listening) {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()))
      dropConnections()
      await closed
    }
    if (failures.length > 0) throw new AggregateError(failures.splice(0), 'a handler of the fake origin failed')
  }
  return {
    host,
    port,
    url: `${tls === undefined ? 'http' : 'https'}://${host.includes(':') ? `[${host}]` : host}:${port}`,
    requests,
    get connections() {
      return { accepted, open: sockets.size }
    },
    get bytesSent() {
      return bytesSent
    },
    script: (...handlers) => void scripted.push(...handlers),
    handle: (replacement) => {
      handler = replacement
    },
    received(count) {
      const request = requests[count - 1]
      if (request !== undefined) return Promise.resolve(request)
      return new Promise((resolve) => watchers.push({ count, resolve }))
    },
    dropConnections,
    close,
    [Symbol.asyncDispose]: close,
  }
}

function listen(server: Server, host: string): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(0, host, () => {
      const address = server.address()
      if (address === null || typeof address === 'string') reject(new Error('no port'))
      else resolve(address.port)
    })
  })
}
