import { Agent as HttpAgent, type RequestOptions, request as requestHttp } from 'node:http'
import { Agent as HttpsAgent, request as requestHttps } from 'node:https'
import { connect as connectTcp, type Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'
import { createUpstream } from '@s3proxy/upstream'
import { type StoreInfo, storeName } from './store.ts'

/** Asks the store for `/<name>` and reads the answer to its end; gives the number of body bytes. */
export interface Client {
  readonly name: string
  get(name: string): Promise<number>
  close(): Promise<void> | void
}

/** Makes a client with up to `connections` connections. */
export type CreateClient = (store: StoreInfo, tls: boolean, connections: number) => Client

/** Header fields of a request as an SDK signs it. */
const headers: readonly string[] = [
  ...['Host', storeName, 'User-Agent', 'Boto3/1.43 md/Botocore#1.43 ua/2.1 os/linux lang/python#3.11'],
  ...['If-None-Match', '"9b2cf535f27731c974343645a3985328"', 'X-Amz-Date', '20260101T000000Z'],
  ...['X-Amz-Content-SHA256', 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'],
  'Authorization',
  `AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20260101/us-east-1/s3/aws4_request, SignedHeaders=host;if-none-match;x-amz-content-sha256;x-amz-date, Signature=${'0'.repeat(64)}`,
]

/** The client that is measured. */
export const upstream: CreateClient = (store, tls, connections) => {
  const port = tls ? store.tlsPort : store.plainPort
  const client = createUpstream({
    endpointOverrides: { [storeName]: [`127.0.0.1:${port}`] },
    ca: [store.caPem],
    maxConnectionsPerAddress: connections,
  })
  const origin = { scheme: tls ? 'https' : 'http', hostname: storeName, port } as const
  return {
    name: '@s3proxy/upstream',
    async get(name) {
      const { signal } = new AbortController()
      const { body } = await client.send({
        origin,
        method: 'GET',
        target: `/${name}`,
        headers,
        body: undefined,
        signal,
      })
      let bytes = 0
      for (;;) {
        const next = body.next()
        const chunk = next instanceof Promise ? await next : next
        if (chunk === null) return bytes
        bytes += chunk.length
      }
    },
    close: () => client.close(),
  }
}

/** Node's own. */
export const nodeHttp: CreateClient = (store, tls, connections) => {
  const options = { keepAlive: true, maxSockets: connections, ca: store.caPem, servername: storeName }
  const agent = tls ? new HttpsAgent(options) : new HttpAgent(options)
  const request = tls ? requestHttps : requestHttp
  const port = tls ? store.tlsPort : store.plainPort
  const common: RequestOptions = { agent, host: '127.0.0.1', port, headers, setHost: false }
  return {
    name: 'node:http',
    get: (name) =>
      new Promise((resolve, reject) => {
        const outgoing = request({ ...common, path: `/${name}` }, (incoming) => {
          let bytes = 0
          incoming.on('data', (chunk: Buffer) => (bytes += chunk.length))
          incoming.on('end', () => resolve(bytes))
        })
        outgoing.on('error', reject)
        outgoing.end()
      }),
    close: () => agent.destroy(),
  }
}

/** What the sockets themselves cost: a parser that believes everything. */
export const bareSockets: CreateClient = (store, tls) => {
  const idle: Socket[] = []
  const open: Socket[] = []
  const head = headers.reduce((text, part, i) => `${text}${part}${i % 2 === 0 ? ': ' : '\r\n'}`, '')
  const connect = async (): Promise<Socket> => {
    const target = { host: '127.0.0.1', noDelay: true }
    const socket = tls
      ? connectTls({ ...target, port: store.tlsPort, ca: store.caPem, servername: storeName })
      : connectTcp({ ...target, port: store.plainPort })
    open.push(socket)
    await new Promise<void>((resolve, reject) => {
      socket.once(tls ? 'secureConnect' : 'connect', resolve).once('error', reject)
    })
    return socket
  }
  return {
    name: 'bare sockets',
    async get(name) {
      const socket = idle.pop() ?? (await connect())
      return new Promise<number>((resolve) => {
        let missing = -1
        let bytes = 0
        const onData = (chunk: Buffer): void => {
          if (missing < 0) {
            const end = chunk.indexOf('\r\n\r\n') + 4
            bytes = Number(/content-length: (\d+)/i.exec(chunk.toString('latin1', 0, end))?.[1] ?? 0)
            missing = bytes - (chunk.length - end)
          } else missing -= chunk.length
          if (missing > 0) return
          socket.off('data', onData)
          idle.push(socket)
          resolve(bytes)
        }
        socket.on('data', onData)
        socket.write(`GET /${name} HTTP/1.1\r\n${head}\r\n`, 'latin1')
      })
    },
    close: () => {
      for (const socket of open) socket.destroy()
    },
  }
}
