import { connect as connectTcp, type OnReadOpts, type Socket } from 'node:net'
import { connect as connectTls, type TLSSocket } from 'node:tls'
import type { ProxyError } from '@s3proxy/protocol'
import type { Clock } from './clock.ts'
import { connectError, connectTimeout } from './node-error.ts'
import type { TlsSettings } from './tls.ts'

/** One place to connect to. */
export interface Endpoint {
  /** IP literal, IPv6 without brackets. */
  readonly address: string
  readonly port: number
}

/** How a connection attempt ended. */
export type Dialled =
  | { readonly kind: 'connected'; readonly socket: Socket }
  | { readonly kind: 'failed'; readonly error: ProxyError }

/** Opens connections to one endpoint of one origin. With a `reader` the socket's bytes go to it and to nobody else. */
export type Dial = (done: (result: Dialled) => void, reader?: OnReadOpts) => void

/** What {@link createDial} is made of. */
export interface DialOptions {
  readonly endpoint: Endpoint
  readonly tls: TlsSettings | undefined
  /** Longest time until the connection, TLS included, can be used. */
  readonly connectTimeoutMs: number
  readonly clock: Clock
}

/** How long a connection is silent before TCP asks whether the peer is alive. */
const tcpKeepAliveDelayMs = 15_000

/** A dialler whose connections share one TLS session. Addresses are IP literals, so no name is ever resolved here. */
export function createDial({ endpoint, tls, connectTimeoutMs, clock }: DialOptions): Dial {
  const target = {
    host: endpoint.address,
    port: endpoint.port,
    noDelay: true,
    keepAlive: true,
    keepAliveInitialDelay: tcpKeepAliveDelayMs,
  }
  let session: Buffer | undefined
  const open = (reader: OnReadOpts | undefined): Socket | TLSSocket => {
    const options = reader === undefined ? target : { ...target, onread: reader }
    if (tls === undefined) return connectTcp(options)
    const socket = connectTls({ ...options, ...tls, ...(session === undefined ? {} : { session }) })
    socket.on('session', (ticket) => {
      session = ticket
    })
    return socket
  }
  return (done, reader) => {
    const socket = open(reader)
    // whoever gets the socket listens too, but perhaps in a later turn, and a socket given up may report once more
    socket.on('error', () => undefined)
    let phase: 'tcp' | 'tls' = 'tcp'
    const ready = tls === undefined ? 'connect' : 'secureConnect'
    const onTcp = (): void => {
      phase = 'tls'
    }
    const settle = (): void => {
      clock.clearTimeout(timer)
      socket.off('connect', onTcp).off(ready, onReady).off('error', onError).off('close', onClose)
    }
    const onReady = (): void => {
      settle()
      done({ kind: 'connected', socket })
    }
    const fail = (error: ProxyError): void => {
      settle()
      socket.destroy()
      session = undefined
      done({ kind: 'failed', error })
    }
    const onError = (error: Error): void => fail(connectError(error, phase))
    const onClose = (): void => fail(connectError(new Error('closed during the handshake'), phase))
    const timer = clock.setTimeout(() => fail(connectTimeout()), connectTimeoutMs)
    socket.on('connect', onTcp).on(ready, onReady).on('error', onError).on('close', onClose)
  }
}
