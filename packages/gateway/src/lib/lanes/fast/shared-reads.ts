import { Socket, type SocketConstructorOpts } from 'node:net'

/** Told of bytes that have come; they are there until it returns. False: read no more until `resume`. */
export type OnBytes = (bytes: Buffer, length: number) => boolean

/** What Node gives a socket to speak to the kernel with. */
interface Handle {
  useUserBuffer?: unknown
  readonly writeQueueSize?: number
}

/** The parts of a socket that have no type: see `docs/decisions/012-shared-read-buffer.md`. */
interface Insides {
  _handle: Handle | null
  _server?: unknown
  server?: unknown
}

/** Bytes of one read: what libuv asks for by itself. */
const readBytes = 64 * 1024

/** A socket whose bytes come to a function. */
export interface Adopted {
  readonly socket: Socket
  /** From now on it is a stream like any other. */
  release(): void
}

/** Takes over an accepted, paused socket. The accepted object itself is of no use afterwards. */
export type Adopt = (accepted: Socket, onBytes: OnBytes) => Adopted

/**
 * Sockets that all read into one buffer. Node's streams take a new buffer of 64 KiB for every read; a third of the cost of
 * a small request is that, and a connection that waits would hold one.
 */
export function createSharedReads(): Adopt {
  const shared = Buffer.allocUnsafeSlow(readBytes)
  return (accepted, onBytes) => {
    const inside = accepted as unknown as Insides
    const handle = inside._handle
    if (typeof handle?.useUserBuffer !== 'function') return adoptStream(accepted, onBytes)
    let receive: OnBytes = onBytes
    const options = {
      handle,
      onread: { buffer: shared, callback: (length: number, bytes: Uint8Array) => receive(bytes as Buffer, length) },
    }
    const socket: Socket = new Socket(options as unknown as SocketConstructorOpts)
    // The server counts its connections by these.
    const adopted = socket as unknown as Insides
    adopted._server = inside._server
    adopted.server = inside.server
    inside._handle = null
    const release = (): void => {
      receive = (bytes, length) => socket.push(Buffer.from(bytes.subarray(0, length)))
    }
    return { socket, release }
  }
}

/** The same by the usual way, should a socket have other insides. */
function adoptStream(socket: Socket, onBytes: OnBytes): Adopted {
  const onData = (chunk: Buffer): void => {
    if (!onBytes(chunk, chunk.length)) socket.pause()
  }
  socket.on('data', onData)
  socket.resume()
  return { socket, release: () => socket.off('data', onData) }
}

/** Bytes that the kernel has not taken yet of what was written last. */
export function unsentBytes(socket: Socket): number {
  return socket.writableLength + ((socket as unknown as Insides)._handle?.writeQueueSize ?? 0)
}
