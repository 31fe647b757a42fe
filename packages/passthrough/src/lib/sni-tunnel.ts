import type { Socket } from 'node:net'
import { ProxyError, toProxyError } from '@s3proxy/protocol'
import { type ClientHello, createClientHelloParser } from './client-hello.ts'
import type { Clock } from './clock.ts'
import { dismiss, type RelayOptions, refusal, resolveRelayOptions, type TunnelReport, timeout } from './relay.ts'
import { runTunnel } from './tunnel.ts'

/** What {@link createSniTunnel} can be told. */
export interface SniTunnelOptions extends RelayOptions {
  /** Port to connect to. Default 443. */
  readonly port?: number | undefined
  /** Longest time until the ClientHello is there, in milliseconds. Default 10 s. */
  readonly helloTimeoutMs?: number | undefined
  /** Largest ClientHello, in bytes. Default 64 KiB. */
  readonly maxHelloBytes?: number | undefined
}

/** Takes over a connection of which nothing has been read. Never rejects; afterwards the socket is closed. */
export type SniTunnel = (client: Socket) => Promise<TunnelReport>

/** TLS alerts (RFC 8446 section 6), so that a client says more than "connection closed". */
const alerts = { decodeError: 50, accessDenied: 49, internalError: 80, unrecognizedName: 112 }

/**
 * Relays TLS connections unread to the host their ClientHello names: the handshake is the client's and the store's alone,
 * and nothing is cached. Throws RangeError for a limit out of its range.
 */
export function createSniTunnel(options: SniTunnelOptions): SniTunnel {
  const { dial, admit, idleTimeoutMs, signal, clock } = resolveRelayOptions(options)
  const { port = 443, maxHelloBytes = 65_536 } = options
  const helloTimeoutMs = timeout('helloTimeoutMs', options.helloTimeoutMs ?? 10_000)

  return async (client) => {
    const { hello, replay } = await readHello(client, maxHelloBytes, helloTimeoutMs, clock, signal)
    if (hello.kind !== 'server-name') return rejectHello(client, hello, port)
    const host = hello.name
    const admission = admit(host, port)
    if (admission.kind === 'refuse') {
      dismiss(client, fatalAlert(alerts.unrecognizedName))
      return { kind: 'refused', host, port, code: 'AccessDenied', reason: admission.reason }
    }
    try {
      const destination = await dial(host, port, signal)
      const end = await runTunnel({ client, destination, replay, idleTimeoutMs, clock, signal })
      return { kind: 'tunnelled', host, port, end }
    } catch (cause) {
      const error = toProxyError(cause, 'proxy')
      dismiss(client, fatalAlert(error.code === 'AccessDenied' ? alerts.accessDenied : alerts.internalError))
      return refusal(host, port, error)
    }
  }
}

type HelloResult = Exclude<ClientHello, { kind: 'need-more' }> | { readonly kind: 'lost'; readonly error: ProxyError }

/** Reads up to the end of the hello; the socket is then paused, and what was read is returned. */
function readHello(
  client: Socket,
  maxBytes: number,
  timeoutMs: number,
  clock: Clock,
  signal: AbortSignal,
): Promise<{ readonly hello: HelloResult; readonly replay: readonly Uint8Array[] }> {
  const parser = createClientHelloParser({ maxBytes })
  const replay: Uint8Array[] = []
  client.allowHalfOpen = true
  return new Promise((resolve) => {
    const settle = (hello: HelloResult): void => {
      clock.clearTimeout(timer)
      signal.removeEventListener('abort', onAbort)
      client.pause()
      client.off('data', onData).off('end', onGone).off('close', onGone)
      resolve({ hello, replay })
    }
    const lose = (code: 'ClientClosed' | 'RequestTimeout', reason: string): void =>
      settle({ kind: 'lost', error: new ProxyError(code, { source: 'client', reason }) })
    const onData = (chunk: Buffer): void => {
      replay.push(chunk)
      const hello = parser.push(chunk)
      if (hello.kind !== 'need-more') settle(hello)
    }
    const onGone = (): void => lose('ClientClosed', 'closed-before-hello')
    const onAbort = (): void => lose('ClientClosed', 'aborted')
    const timer = clock.setTimeout(() => lose('RequestTimeout', 'hello-timeout'), timeoutMs)
    client.on('error', () => client.destroy())
    client.on('data', onData).on('end', onGone).on('close', onGone)
    if (client.destroyed) onGone()
    else if (signal.aborted) onAbort()
    signal.addEventListener('abort', onAbort)
  })
}

function rejectHello(client: Socket, hello: Exclude<HelloResult, { kind: 'server-name' }>, port: number): TunnelReport {
  const refused = { kind: 'refused', host: undefined, port, code: 'InvalidRequest' } as const
  switch (hello.kind) {
    case 'lost':
      client.destroy()
      return refusal(undefined, port, hello.error)
    case 'not-tls':
      client.destroy()
      return { ...refused, reason: 'not-tls' }
    case 'malformed':
      dismiss(client, fatalAlert(alerts.decodeError))
      return { ...refused, reason: `malformed-hello: ${hello.reason}` }
    case 'no-server-name':
      dismiss(client, fatalAlert(alerts.unrecognizedName))
      return { ...refused, reason: 'no-server-name' }
    default:
      return hello satisfies never
  }
}

function fatalAlert(description: number): Uint8Array {
  return Buffer.from([21, 3, 1, 0, 2, 2, description])
}
