import { connect, createServer, type Server, type Socket } from 'node:net'
import type { FlightStreams } from '@s3proxy/coordinator'
import { type ByteRange, type ByteSource, castsDoubt, ProxyError, rangeLength } from '@s3proxy/protocol'
import { createSocketSource } from './socket-source.ts'

/** The streams of one worker: a Unix socket that only this user can reach. */
export interface PeerStreams extends FlightStreams {
  /** Resolves when others can connect; rejects if they cannot. */
  listen(): Promise<void>
  /** Lets those that read now come to their end; nobody new can connect. */
  close(): Promise<void>
}

/** What a worker asks another for: bytes of a fill, or what it thinks of one that broke. One line of JSON. */
interface Request extends ByteRange {
  readonly flight: string
  readonly about: 'bytes' | 'doubt'
}

type Join = (range: ByteRange) => ByteSource | undefined

const maxRequestBytes = 4096
/** Said before the bytes of a fill: it can be joined. */
const accepted = Buffer.from('+')
/** Said of a fill that broke since its bytes may be wrong. */
const doubted = Buffer.from('!')
/** Said of any other. */
const unsuspected = Buffer.from('-')
/** Fills that are remembered as doubtful; who follows asks at once. */
const maxDoubted = 10_000

/** A worker that does not say within this time that it will send is as good as gone. Joining a fill waits for nothing. */
const openTimeoutMs = 5_000

export interface PeerStreamsOptions {
  /** Longest time until another worker has agreed to send, milliseconds. Default 5 s. */
  readonly openTimeoutMs?: number | undefined
}

/** Bytes of fills from worker to worker over the Unix socket at `place`. */
export function createPeerStreams(place: string, options: PeerStreamsOptions = {}): PeerStreams {
  const offers = new Map<string, Join>()
  const doubts = new Set<string>()
  const doubt = (flight: string): void => {
    doubts.add(flight)
    for (const oldest of doubts) {
      if (doubts.size <= maxDoubted) break
      doubts.delete(oldest)
    }
  }
  const server: Server = createServer((socket) => {
    socket.on('error', () => socket.destroy())
    readRequest(socket, (request) => {
      const { flight } = request
      if (request.about === 'doubt') socket.end(doubts.has(flight) ? doubted : unsuspected)
      else void give(offers.get(flight)?.(request), socket, () => doubt(flight))
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
      const timeoutMs = options.openTimeoutMs ?? openTimeoutMs
      const socket = await ask(there, { flight, about: 'bytes', ...range }, timeoutMs)
      return judged(createSocketSource(socket, rangeLength(range), lost), () => isDoubted(there, flight, timeoutMs))
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

/** `source`, which breaks as one whose bytes may be wrong if `isDoubted` says so. */
function judged(source: ByteSource, isDoubted: () => Promise<boolean>): ByteSource {
  const broke = async (error: unknown): Promise<never> => {
    throw (await isDoubted()) ? inDoubt(error) : error
  }
  return {
    next() {
      try {
        const chunk = source.next()
        return chunk instanceof Promise ? chunk.catch(broke) : chunk
      } catch (error) {
        return broke(error)
      }
    },
    cancel: (reason) => source.cancel(reason),
  }
}

function inDoubt(cause: unknown): ProxyError {
  return new ProxyError('UpstreamCorrupt', { source: 'upstream', retryable: true, reason: 'leader-in-doubt', cause })
}

/** Whether the worker at `place` says that the bytes of a fill may be wrong. One that hangs may come to say so; one that has died does not. */
function isDoubted(place: string, flight: string, timeoutMs: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ path: place })
    const say = (isWrong: boolean): void => {
      socket.destroy()
      resolve(isWrong)
    }
    socket.once('error', () => say(false))
    socket.once('close', () => say(false))
    socket.setTimeout(timeoutMs, () => say(true))
    socket.once('data', (answer: Buffer) => say(!answer.equals(unsuspected)))
    socket.write(`${JSON.stringify({ flight, about: 'doubt', start: 0, end: 0 } satisfies Request)}\n`)
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
async function give(source: ByteSource | undefined, socket: Socket, doubt: () => void): Promise<void> {
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
  } catch (error) {
    // The reader counts what it gets and breaks; here the failure has been told where it happened.
    if (castsDoubt(error)) doubt()
    socket.destroy()
  }
}
