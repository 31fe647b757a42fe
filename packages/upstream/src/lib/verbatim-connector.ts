import type { Socket } from 'node:net'
import type { buildConnector } from 'undici'
import type { Dial } from './dial.ts'

/** What is known of one connection. */
export interface Connection {
  /** Requests written to it so far. */
  requests: number
  /** Why it broke. A body that is delimited by the end of the connection is whole only if this is undefined. */
  broken: Error | undefined
}

/** A request whose head is to be written next. */
export interface OutgoingHead {
  /** All of it, blank line included, in latin-1. */
  readonly head: string
  /** Told which connection it went to, at the moment it is written. */
  onWritten(connection: Connection): void
}

/** Hands heads to the connector: undici starts a request and writes its head within one call, so one place is enough. */
export interface Outbox {
  next: OutgoingHead | undefined
}

/**
 * A connector for undici that puts the heads of requests on the wire byte for byte. undici writes its own rendering
 * (`host` first and in lower case, its own `connection`, no `content-length: 0` on GET), always by one `write`; the
 * sockets made here send the head waiting in `outbox` in its place. undici then does what it is good at: pooling,
 * parsing and recovering connections.
 */
export function createVerbatimConnector(dial: Dial, outbox: Outbox): buildConnector.connector {
  return (_options, callback) => {
    dial((result) => {
      if (result.kind === 'failed') callback(result.error, null)
      else callback(null, writeVerbatim(result.socket, outbox))
    })
  }
}

function writeVerbatim(socket: Socket, outbox: Outbox): Socket {
  const connection: Connection = { requests: 0, broken: undefined }
  socket.on('error', (error) => {
    connection.broken = error
  })
  const write = socket.write.bind(socket) as (chunk: string, encoding: BufferEncoding) => boolean
  socket.write = () => {
    const outgoing = outbox.next
    outbox.next = undefined
    // Thrown inside undici's own try, so that a request it renders in another way fails instead of going out altered.
    if (outgoing === undefined) throw new Error('a request head was written that is not in the outbox')
    connection.requests++
    outgoing.onWritten(connection)
    return write(outgoing.head, 'latin1')
  }
  return socket
}
