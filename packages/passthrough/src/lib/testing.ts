import { createServer, type Server, type Socket, connect as tcpConnect } from 'node:net'
import { type ConnectionOptions, connect as tlsConnect } from 'node:tls'

/** The first bytes a TLS client of Node sends. */
export async function captureHello(options: ConnectionOptions): Promise<Buffer> {
  const { promise, resolve } = Promise.withResolvers<Buffer>()
  await using server = await listen((socket) => {
    const chunks: Buffer[] = []
    socket.on('error', () => socket.destroy())
    socket.on('data', (chunk) => {
      chunks.push(chunk)
      const bytes = Buffer.concat(chunks)
      if (bytes.length >= 5 && bytes.length >= 5 + bytes.readUInt16BE(3)) {
        resolve(bytes)
        socket.destroy()
      }
    })
  })
  const client = tlsConnect({ host: '127.0.0.1', port: server.port, rejectUnauthorized: false, ...options })
  client.on('error', () => client.destroy())
  const hello = await promise
  client.destroy()
  return hello
}

/** A server on a free port of the loopback. */
export interface TestServer extends AsyncDisposable {
  readonly port: number
}

/** Starts a server that keeps half-closed connections open. */
export async function listen(onConnection: (socket: Socket) => void): Promise<TestServer> {
  const sockets = new Set<Socket>()
  const server: Server = createServer({ allowHalfOpen: true }, (socket) => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
    onConnection(socket)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  return {
    port: typeof address === 'object' && address !== null ? address.port : 0,
    [Symbol.asyncDispose]: () =>
      new Promise((resolve) => {
        for (const socket of sockets) socket.destroy()
        server.close(() => resolve())
      }),
  }
}

/** Both ends of one connection over the loopback: `near` as a client, `far` as accepted. */
export async function socketPair(): Promise<{ readonly near: Socket; readonly far: Socket } & AsyncDisposable> {
  const accepted = Promise.withResolvers<Socket>()
  const server = await listen(accepted.resolve)
  const near = tcpConnect({ port: server.port, host: '127.0.0.1', allowHalfOpen: true })
  near.on('error', () => near.destroy())
  const far = await accepted.promise
  return {
    near,
    far,
    async [Symbol.asyncDispose]() {
      near.destroy()
      await server[Symbol.asyncDispose]()
    },
  }
}

/** Everything that comes until the end, or until the connection breaks. */
export function readToEnd(socket: Socket): Promise<{ readonly text: string; readonly how: 'end' | 'broken' }> {
  const chunks: Buffer[] = []
  return new Promise((resolve) => {
    const done = (how: 'end' | 'broken'): void => resolve({ text: Buffer.concat(chunks).toString('latin1'), how })
    socket.on('data', (chunk) => chunks.push(chunk))
    socket.on('end', () => done('end'))
    socket.on('close', () => done('broken'))
    socket.on('error', () => done('broken'))
  })
}

/** Lets the event loop turn until everything on the loopback has settled. */
export async function settle(): Promise<void> {
  for (let i = 0; i < 20; i++) await new Promise((resolve) => setImmediate(resolve))
}
