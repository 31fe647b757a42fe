import { Server as HttpServer } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { drainHttp } from './lanes/drain-http.ts'
import type { Lane } from './lanes/lane.ts'

/** A server that accepts connections. */
export interface Listening {
  readonly kind: 'listening'
  readonly host: string
  /** The real port, also where 0 was asked for. */
  readonly port: number
  /**
   * Stops accepting and waits for the requests under way; connections left after `timeoutMs` are cut. Idle connections
   * close after `graceMs` (default 0: at once), the others after their answer.
   */
  drain(timeoutMs: number, graceMs?: number): Promise<void>
}

/** Why a server cannot listen, in a line for people. */
export interface ListenFailure {
  readonly kind: 'failed'
  readonly message: string
}

/** Where to listen: at an address of one's own, or on a listening socket that another process holds open. */
export type ListenAddress =
  | { readonly port: number; readonly bind: string }
  | {
      /** As a parent process sent it over its channel. */
      readonly handle: object
      readonly bind: string
    }

/** Opens a listener. */
export function listen(answering: Lane | HttpServer, address: ListenAddress): Promise<Listening | ListenFailure> {
  const lane = answering instanceof HttpServer ? laneOf(answering) : answering
  const { server } = lane
  const drain = (timeoutMs: number, graceMs = 0): Promise<void> =>
    new Promise((resolve) => {
      const timer = setTimeout(lane.cut, timeoutMs)
      server.close(() => {
        clearTimeout(timer)
        resolve()
      })
      lane.drain(graceMs)
    })
  return new Promise((resolve) => {
    server.once('error', (error: NodeJS.ErrnoException) =>
      resolve({ kind: 'failed', message: explain(error, address) }),
    )
    const onListening = (): void => {
      const { port } = server.address() as AddressInfo
      resolve({ kind: 'listening', host: address.bind, port, drain })
    }
    if ('handle' in address) server.listen(address.handle, onListening)
    else server.listen({ port: address.port, host: address.bind }, onListening)
  })
}

function laneOf(server: HttpServer): Lane {
  const sockets = new Set<Socket>()
  server.on('connection', (socket) => {
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
  })
  return {
    server,
    drain(graceMs) {
      drainHttp(server)
      if (graceMs === 0) server.closeIdleConnections()
      else setTimeout(() => server.closeIdleConnections(), graceMs).unref()
    },
    cut() {
      for (const socket of sockets) socket.destroy()
    },
  }
}

function explain(error: NodeJS.ErrnoException, address: ListenAddress): string {
  const { bind } = address
  const host = bind.includes(':') ? `[${bind}]` : bind
  const where = 'port' in address ? `${host}:${address.port}` : host
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
