import { connect, type Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { answerQuestions } from '../lib/helper.ts'

/**
 * What each connection of the crowd does: `idle`: one answer, then nothing; `half-open`: nothing at all; `slow-head`: a byte of
 * a head a second; `endless-head`: fields without end, as fast as they are taken; `never-read`: asks and reads nothing.
 */
export type Behaviour = 'idle' | 'half-open' | 'slow-head' | 'endless-head' | 'never-read'

export type SocketsQuestion =
  | {
      readonly kind: 'open'
      readonly port: number
      readonly behaviour: Behaviour
      readonly count: number
      readonly head: string
    }
  | { readonly kind: 'report' }
  | { readonly kind: 'close' }

export interface SocketsReport {
  readonly opened: number
  /** Connections that the server has not closed. */
  readonly open: number
  /** Bytes sent on all connections, and received. */
  readonly sentBytes: number
  readonly receivedBytes: number
}

let sockets: Socket[] = []
let failed = 0
let sentBytes = 0
let receivedBytes = 0
let trickle: NodeJS.Timeout | undefined

answerQuestions<SocketsQuestion, SocketsReport>(async (question) => {
  if (question.kind === 'open') await open(question)
  if (question.kind === 'close') {
    clearInterval(trickle)
    for (const socket of sockets) socket.destroy()
  }
  return {
    opened: sockets.length - failed,
    open: sockets.filter((socket) => !socket.destroyed && socket.readyState === 'open').length,
    sentBytes,
    receivedBytes,
  }
})

/** Opens them, some at a time; resolves when each is where its behaviour says. */
async function open({ port, behaviour, count, head }: SocketsQuestion & { readonly kind: 'open' }): Promise<void> {
  sockets = []
  failed = 0
  sentBytes = 0
  receivedBytes = 0
  for (let i = 0; i < count; i += 100) {
    const some = Math.min(100, count - i)
    await Promise.all(Array.from({ length: some }, () => start(port, behaviour, head)))
  }
  if (behaviour === 'slow-head') trickle = setInterval(() => sendOneByteEach(head), 1000)
}

async function start(port: number, behaviour: Behaviour, head: string): Promise<void> {
  const socket = connect(port, '127.0.0.1')
  sockets.push(socket)
  socket.on('error', () => undefined)
  const connected = await new Promise<boolean>((resolve) => {
    socket.once('connect', () => resolve(true))
    socket.once('error', () => resolve(false))
  })
  if (!connected) {
    failed++
    return
  }
  const received = new Promise<void>((resolve) => {
    socket.on('data', (chunk: Buffer) => {
      receivedBytes += chunk.length
      resolve()
    })
    socket.once('close', () => resolve())
  })
  switch (behaviour) {
    case 'idle':
      send(socket, head)
      await received
      break
    case 'never-read':
      socket.pause()
      send(socket, head)
      break
    case 'endless-head':
      send(socket, head.slice(0, -2))
      flood(socket)
      break
    case 'half-open':
    case 'slow-head':
      break
  }
}

function send(socket: Socket, text: string): boolean {
  sentBytes += text.length
  return socket.write(text, 'latin1')
}

/** Header fields until the server has had enough, at most some MiB. */
function flood(socket: Socket): void {
  const fields = 'x-filler: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\r\n'.repeat(64)
  let left = 1024
  const more = async (): Promise<void> => {
    while (!socket.destroyed && left-- > 0) {
      if (!send(socket, fields)) await new Promise((resolve) => socket.once('drain', resolve).once('close', resolve))
      await sleep(1)
    }
  }
  more().catch(() => socket.destroy())
}

function sendOneByteEach(head: string): void {
  for (const socket of sockets) if (!socket.destroyed) send(socket, head[socket.bytesWritten % head.length] ?? 'x')
}
