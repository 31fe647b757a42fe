import { connect, createServer, type Server, type Socket } from 'node:net'
import type { FlightStreams } from '@s3proxy/coordinator'
import { type ByteRange, type ByteSource, ProxyError, rangeLength } from '@s3proxy/protocol'
import { createSocketSource } from './socket-source.ts'

/** The streams of one worker: a Unix socket that only this user can reach. */
export interface PeerStreams extends FlightStreams {
  /** Resolves when others can connect; rejects if they cannot. */
  listen(): Promise<void>
  /** Lets those that read now come to their end; nobody new can connect. */
  close(): Promise<void>
}

/** What a worker asks another for: bytes of a fill. One line of JSON. */
interface Request extends ByteRange {
  readonly flight: string
}

type Join = (range: ByteRange) => ByteSource | undefined

const maxRequestBytes = 4096
/** Said before the bytes of a fill: it can be joined. */
const accepted = Buffer.from('+')

/** A worker that does not say within this time that it will send is as good as gone. Joining a fill waits for nothing. */
const openTimeoutMs = 5_000

export interface PeerStreamsOptions {
  /** Longest time until another worker has agreed to send, milliseconds. Default 5 s. */
  readonly openTimeoutMs?: number | undefined
}

/** Bytes of fills from worker to worker over the Unix socket at `place`. */
export function createPeerStreams(place: string, options: PeerStreamsOptions = {}): PeerStreams {
  const offers = new Map<string, Join>()
  const server: Server = createServer((socket) => {
    socket.on('error', () => socket.destroy())
    readRequest(socket, (request) => {
      void give(offers.get(request.flight)?.(request), socket)
    })
  })
  return {
    place,
    listen: () =>
      new Promise((resolve, reject) => {
        server.once('error', reject)
        server.listen(place, () => resolve())
      }),
    close: () => new Promise((resolve) => server.close(() => resolve())),
    offer(flight, join) {
      offers.set(flight, join)
      return () => void offers.delete(flight)
    },
    async open(there, flight, range) {
      const socket = await ask(there, { flight, ...range }, options.openTimeoutMs ?? openTimeoutMs)
      return createSocketSource(socket, rangeLength(range), lost)
    },
  }
}

function lost(cause?: unknown): ProxyError {
  return new ProxyError('UpstreamTruncated', { source: 'upstream', reason: 'leader-lost', cause })
}

/** A connection on which the other worker has agreed to send. */
function ask(place: string, request: Request, timeoutMs: number): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ path: place })
    const fail = (cause?: unknown): void => {
      socket.destroy()
      reject(lost(cause))
    }
    socket.once('error', fail)
    socket.once('close', fail)
    socket.setTimeout(timeoutMs, fail)
    socket.write(`${JSON.stringify(request)}\n`)
    socket.once('readable', () => {
      const answer: Buffer | null = socket.read(accepted.length)
      if (answer === null || !answer.equals(accepted)) return fail()
      socket.off('error', fail)
      socket.off('close', fail)
      socket.setTimeout(0)
      resolve(socket)
    })
  })
}

function readRequest(socket: Socket, then: (request: Request) => void): void {
  let text = ''
  const onData = (chunk: Buffer): void => {
    text += chunk.toString('latin1')
    const end = text.indexOf('\n')
    if (end < 0 && text.length <= maxRequestBytes) return
    socket.off('data', onData)
    const request = end < 0 ? undefined : parse(text.slice(0, end))
    if (request === undefined) socket.destroy()
    else then(request)
  }
  socket.on('data', onData)
}

function parse(line: string): Request | undefined {
  try {
    return JSON.parse(line) as Request
  } catch {
    return undefined // not one of ours: the connection is closed
  }
}

/** Sends bytes of a fill as they come; what cannot be sent whole breaks the connection. */
async function give(source: ByteSource | undefined, socket: Socket): Promise<void> {
  if (source === undefined) {
    socket.destroy()
    return
  }
  socket.resume()
  let isGone = false
  let wake: (() => void) | undefined
  socket.on('drain', () => wake?.())
  socket.once('close', () => {
    isGone = true
    source.cancel()
    wake?.()
  })
  socket.write(accepted)
  try {
    for (let chunk = await source.next(); chunk !== null && !isGone; chunk = await source.next()) {
      const sent = chunk
      if (socket.write(sent, () => source.recycle?.(sent))) continue
      await new Promise<void>((resolve) => {
        wake = resolve
      })
    }
    socket.end()
  } catch {
    // The reader counts what it gets and breaks; here the failure has been told where it happened.
    socket.destroy()
  }
}
