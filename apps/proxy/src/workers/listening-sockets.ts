import { lookup } from 'node:dns/promises'
import { createServer } from 'node:http'
import net from 'node:net'
import { listen } from '@s3proxy/gateway'

/** Sockets on one port, one for each worker. */
export interface ListeningSockets {
  readonly kind: 'opened'
  readonly host: string
  /** The real port, also where 0 was asked for. */
  readonly port: number
  /** Handles to send to workers. */
  readonly handles: readonly object[]
  close(): void
}

/** Why there are none, in a line for people. */
export interface SocketFailure {
  readonly kind: 'failed'
  readonly message: string
}

/** What a listening handle of Node.js has that its types do not tell. */
interface Handle {
  close(): void
}

/** `UV_TCP_REUSEPORT` of libuv. */
const reusePort = 2

/**
 * Makes the function `cluster` itself binds with, since the public ones accept connections at once: these sockets belong
 * to workers, and this process only keeps them open while workers come and go, so that no connection that waits to be
 * accepted is ever reset.
 */
function bind(address: string, port: number, flags: number): Handle | number {
  const { _createServerHandle: create } = net as unknown as {
    _createServerHandle(address: string, port: number, family: number, fd: undefined, flags: number): Handle | number
  }
  return create(address, port, net.isIP(address), undefined, flags)
}

/**
 * Binds `count` sockets to one address. The kernel spreads connections over them (`SO_REUSEPORT`); where it cannot, all
 * workers share one. A port that another program holds is refused, even if that one would share it.
 */
export async function openListeningSockets(
  address: { readonly port: number; readonly bind: string },
  count: number,
): Promise<ListeningSockets | SocketFailure> {
  const probe = await listen(createServer(), address)
  if (probe.kind === 'failed') return probe
  await probe.drain(0)
  const { port } = probe
  const { address: ip } = await lookup(address.bind)
  const handles: Handle[] = []
  for (let i = 0; i < count; i++) {
    const handle = bind(ip, port, reusePort)
    if (typeof handle === 'number') break
    handles.push(handle)
  }
  if (handles.length === 0) {
    const only = bind(ip, port, 0)
    if (typeof only === 'number') return { kind: 'failed', message: `cannot bind to port ${port} (error ${only})` }
    handles.push(only)
  }
  return {
    kind: 'opened',
    host: address.bind,
    port,
    handles: Array.from({ length: count }, (_, i) => handles[i % handles.length] as Handle),
    close() {
      for (const handle of handles) handle.close()
    },
  }
}
