import { Connection, type ConnectionOptions } from './connection.ts'
import { abortedError } from './node-error.ts'
import { renderHead } from './request-head.ts'
import type { Attempt, Sender, SenderOptions } from './sender.ts'
import { createSlots, type Grant } from './slots.ts'
import { SocketExchange } from './socket-exchange.ts'

/** Sends requests that have no body, over sockets of its own: little work per request, and many connections. */
export function createSocketSender(options: SenderOptions): Sender {
  const { settings, dial, clock } = options
  const { maxConnectionsPerAddress, connectTimeoutMs, firstByteTimeoutMs } = settings
  const slots = createSlots(maxConnectionsPerAddress, clock)
  /** Those that can take a request; the last one used is the first to be used again. */
  const idle: Connection[] = []
  let active = 0
  let isClosing = false
  let onLastLeft: (() => void) | undefined

  const leave = (): void => {
    active--
    if (active === 0) onLastLeft?.()
  }
  const release = (): void => {
    slots.release()
    leave()
  }
  const connectionOptions: ConnectionOptions = {
    maxHeadBytes: settings.maxResponseHeadBytes,
    keepAliveMs: settings.keepAliveMs,
    deadlines: options.deadlines,
    scratch: options.scratch,
    slabs: options.slabs,
    onIdle: (connection) => {
      if (isClosing) connection.close()
      else idle.push(connection)
    },
    onGone: (connection) => {
      const index = idle.indexOf(connection)
      if (index >= 0) idle.splice(index, 1)
    },
  }
  const connect = (exchange: SocketExchange): void => {
    const connection = new Connection(connectionOptions)
    dial((result) => {
      if (result.kind === 'failed') {
        exchange.fail(result.error)
        return
      }
      connection.open(result.socket)
      if (!exchange.isGivenUp) {
        exchange.start(connection)
        return
      }
      connection.rest()
      exchange.leave()
    }, connection.reader)
  }

  return {
    send: (request, facts, choice) =>
      new Promise<Attempt>((settle) => {
        active++
        const begin = (grant: Grant): void => {
          if (grant.kind === 'failed') {
            settle(grant)
            leave()
            return
          }
          if (request.signal.aborted) {
            settle({ kind: 'failed', error: abortedError(request.signal) })
            release()
            return
          }
          const head = renderHead(request.method, request.target, request.headers)
          const exchange = new SocketExchange({ ...options, request, facts, head, settle, release })
          const kept = choice === 'pooled' ? idle.pop() : undefined
          if (kept !== undefined) {
            exchange.start(kept)
            return
          }
          // a fresh one beside kept ones must not be one too many
          idle[0]?.close()
          connect(exchange)
        }
        const grant = slots.acquire(
          request.signal,
          connectTimeoutMs + (request.timeouts?.firstByteMs ?? firstByteTimeoutMs),
        )
        if (grant instanceof Promise) void grant.then(begin)
        else begin(grant)
      }),
    get active() {
      return active
    },
    async close() {
      isClosing = true
      for (const connection of [...idle]) connection.close()
      if (active > 0) await new Promise<void>((resolve) => (onLastLeft = resolve))
    },
  }
}
