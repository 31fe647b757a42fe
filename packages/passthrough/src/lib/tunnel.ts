import type { Socket } from 'node:net'
import type { Clock } from './clock.ts'

/** How a tunnel ended. */
export interface TunnelEnd {
  /** `closed`: both sides ended it in order. `broken`: one side broke off. */
  readonly kind: 'closed' | 'broken' | 'idle-timeout' | 'aborted'
  /** Bytes from the client to the destination, the replayed ones included. */
  readonly bytesUp: number
  /** Bytes from the destination to the client. */
  readonly bytesDown: number
}

/** What {@link runTunnel} is made of. */
export interface TunnelOptions {
  readonly client: Socket
  readonly destination: Socket
  /** Bytes already read from the client, sent first. */
  readonly replay: readonly Uint8Array[]
  /** Longest time without a byte in either direction, in milliseconds. */
  readonly idleTimeoutMs: number
  readonly clock: Clock
  /** Breaks the tunnel when it fires. */
  readonly signal: AbortSignal
}

/**
 * Joins two connected sockets until both have closed. Bytes pass no faster than the receiver takes them, and an end on one
 * side is passed on while the other direction stays open. Never rejects; afterwards both sockets are closed.
 */
export function runTunnel(options: TunnelOptions): Promise<TunnelEnd> {
  const { client, destination, replay, idleTimeoutMs, clock, signal } = options
  return new Promise((resolve) => {
    let kind: TunnelEnd['kind'] = 'closed'
    let bytesUp = replay.reduce((total, chunk) => total + chunk.length, 0)
    let bytesDown = 0
    let open = 2
    let lastMs = clock.monotonic()
    let timer: unknown

    const stop = (why: TunnelEnd['kind']): void => {
      if (kind === 'closed') kind = why
      client.destroy()
      destination.destroy()
    }
    const onAbort = (): void => stop('aborted')
    const onClose = (): void => {
      open--
      if (open > 0) return
      clock.clearTimeout(timer)
      signal.removeEventListener('abort', onAbort)
      resolve({ kind, bytesUp, bytesDown })
    }
    const watch = (delayMs: number): void => {
      timer = clock.setTimeout(() => {
        const leftMs = lastMs + idleTimeoutMs - clock.monotonic()
        if (leftMs > 0) watch(Math.ceil(leftMs))
        else stop('idle-timeout')
      }, delayMs)
    }
    for (const [socket, peer] of [
      [client, destination],
      [destination, client],
    ] as const) {
      socket.allowHalfOpen = true
      socket.on('error', () => stop('broken'))
      const closed = (): void => {
        // unless it was read to its end, the other side must not take this for an end
        if (!socket.readableEnded) stop('broken')
        onClose()
      }
      if (socket.closed) queueMicrotask(closed)
      else socket.on('close', closed)
      socket.on('data', (chunk: Buffer) => {
        lastMs = clock.monotonic()
        if (socket === client) bytesUp += chunk.length
        else bytesDown += chunk.length
      })
      socket.pipe(peer)
    }
    watch(idleTimeoutMs)
    if (signal.aborted) onAbort()
    signal.addEventListener('abort', onAbort)
    for (const chunk of replay) destination.write(chunk)
  })
}
