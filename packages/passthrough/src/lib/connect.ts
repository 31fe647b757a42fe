import { isIP, type Socket } from 'node:net'
import { ProxyError, toProxyError } from '@s3proxy/protocol'
import { dismiss, type RelayOptions, refusal, resolveRelayOptions, type TunnelReport } from './relay.ts'
import { runTunnel } from './tunnel.ts'

/** The target of a CONNECT request (RFC 9112 section 3.2.3). */
export type ConnectTarget =
  /** Lower-case host name or IP literal (IPv6 without brackets), and a port from 1 to 65535. */
  | { readonly kind: 'authority'; readonly host: string; readonly port: number }
  | { readonly kind: 'malformed'; readonly reason: string }

const authorityForm = /^(?:\[([0-9a-f:.]{2,45})\]|([a-z0-9_.-]{1,253})):(\d{1,5})$/
const hostName = /^(?:[a-z0-9_](?:[a-z0-9_-]{0,62})\.)*[a-z0-9_](?:[a-z0-9_-]{0,62})\.?$/

/** Reads `host:port` or `[ipv6]:port`; the port may not be left out. */
export function parseConnectTarget(target: string): ConnectTarget {
  const match = authorityForm.exec(target.toLowerCase())
  if (match === null) return { kind: 'malformed', reason: 'the target is not host:port' }
  const port = Number(match[3])
  if (port < 1 || port > 65_535) return { kind: 'malformed', reason: 'the port is not from 1 to 65535' }
  if (match[1] !== undefined) {
    if (isIP(match[1]) !== 6) return { kind: 'malformed', reason: 'the address is not IPv6' }
    return { kind: 'authority', host: match[1], port }
  }
  const host = match[2] ?? ''
  if (/^[0-9.]+$/.test(host) ? isIP(host) !== 4 : !hostName.test(host)) {
    return { kind: 'malformed', reason: 'the host is no host name' }
  }
  return { kind: 'authority', host, port }
}

/**
 * Takes over a connection whose CONNECT request head has been read: `target` is its request target, `head` what came after
 * the head. Never rejects; afterwards the socket is closed.
 */
export type ConnectTunnel = (client: Socket, target: string, head: Uint8Array) => Promise<TunnelReport>

/**
 * Answers CONNECT (RFC 9110 section 9.3.6): `200` only once the destination has been connected to, otherwise 400, 403, 502,
 * 503 or 504 with a line of text. Throws RangeError for a limit out of its range.
 */
export function createConnectTunnel(options: RelayOptions): ConnectTunnel {
  const { dial, admit, idleTimeoutMs, signal, clock } = resolveRelayOptions(options)
  return async (client, target, head) => {
    const parsed = parseConnectTarget(target)
    if (parsed.kind === 'malformed') {
      const message = `Bad CONNECT target: ${parsed.reason}.`
      return refuse(client, undefined, 0, new ProxyError('InvalidRequest', { source: 'client', message }))
    }
    const { host, port } = parsed
    const admission = admit(host, port)
    if (admission.kind === 'refuse') {
      const { reason } = admission
      return refuse(client, host, port, new ProxyError('AccessDenied', { source: 'proxy', reason }))
    }
    const gone = watchClient(client, signal)
    try {
      const destination = await dial(host, port, gone.signal)
      gone.stop()
      client.write('HTTP/1.1 200 Connection established\r\n\r\n')
      const replay = head.length === 0 ? [] : [head]
      const end = await runTunnel({ client, destination, replay, idleTimeoutMs, clock, signal })
      return { kind: 'tunnelled', host, port, end }
    } catch (cause) {
      gone.stop()
      return refuse(client, host, port, toProxyError(cause, 'proxy'))
    }
  }
}

/** A signal that fires with `signal`, or when the client breaks off before there is a tunnel. */
function watchClient(client: Socket, signal: AbortSignal): { readonly signal: AbortSignal; stop(): void } {
  const left = new AbortController()
  const onClose = (): void => left.abort()
  client.on('error', () => client.destroy())
  client.on('close', onClose)
  return {
    signal: AbortSignal.any([signal, left.signal]),
    stop: () => {
      client.off('close', onClose)
    },
  }
}

function refuse(client: Socket, host: string | undefined, port: number, error: ProxyError): TunnelReport {
  const text = `${error.message}\n`
  dismiss(
    client,
    `HTTP/1.1 ${error.status} ${error.code}\r\nContent-Type: text/plain; charset=utf-8\r\n` +
      `Content-Length: ${Buffer.byteLength(text)}\r\nConnection: close\r\n\r\n${text}`,
  )
  return refusal(host, port, error)
}
