import type { Server } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'

/** A server that accepts connections. */
export interface Listening {
  readonly kind: 'listening'
  readonly host: string
  /** The real port, also where 0 was asked for. */
  readonly port: number
  /**
   * Stops accepting and waits for the requests under way; connections left after `timeoutMs` are cut. Idle connections
   * close at once, the others after their answer.
   */
  drain(timeoutMs: number): Promise<void>
}

/** Why a server cannot listen, in a line for people. */
export interface ListenFailure {
  readonly kind: 'failed'
  readonly message: string
}

/** Opens a listener. */
export function listen(
  server: Server,
  address: { readonly port: number; readonly bind: string },
): Promise<Listening | ListenFailure> {
  const sockets = new Set<Socket>()
  server.on('connection', (socket) => {
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
  })
  const drain = (timeoutMs: number): Promise<void> =>
    new Promise((resolve) => {
      const timer = setTimeout(() => {
        for (const socket of sockets) socket.destroy()
      }, timeoutMs)
      // Answers from now on carry `Connection: close`.
      server.prependListener('request', (_request, response) => {
        response.shouldKeepAlive = false
      })
      server.close(() => {
        clearTimeout(timer)
        resolve()
      })
      server.closeIdleConnections()
    })
  return new Promise((resolve) => {
    server.once('error', (error: NodeJS.ErrnoException) =>
      resolve({ kind: 'failed', message: explain(error, address) }),
    )
    server.listen({ port: address.port, host: address.bind }, () => {
      const { port } = server.address() as AddressInfo
      resolve({ kind: 'listening', host: address.bind, port, drain })
    })
  })
}

function explain(
  error: NodeJS.ErrnoException,
  { port, bind }: { readonly port: number; readonly bind: string },
): string {
  const where = `${bind.includes(':') ? `[${bind}]` : bind}:${port}`
  switch (error.code) {
    case 'EADDRINUSE':
      return `${where} is in use by another program: stop it or choose another port`
    case 'EACCES':
      return `no permission to listen on ${where}: ports below 1024 need privileges, choose a higher one`
    case 'EADDRNOTAVAIL':
      return `${bind} is not an address of this machine`
    default:
      return `cannot listen on ${where}: ${error.message}`
  }
}
