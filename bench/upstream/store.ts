import type { AddressInfo, Socket } from 'node:net'
import { createServer as createPlainServer } from 'node:net'
import { createServer as createTlsServer } from 'node:tls'
import { createCertificateAuthority } from '@s3proxy/testkit'
import { answerQuestions } from '../lib/helper.ts'

/** What the clients need to know of the store. */
export interface StoreInfo {
  readonly plainPort: number
  readonly tlsPort: number
  readonly caPem: string
}

/** Host name of the certificate. */
export const storeName = 's3.test'
const piece = Buffer.alloc(1 << 20, 'x')
const notModified = Buffer.from(
  'HTTP/1.1 304 Not Modified\r\nx-amz-id-2: 3Sl0AHo3bTmPwVYbqI3Bq9R4uS2pH1k5TAmNWhc6kQmCzA0l5b8uLw==\r\nx-amz-request-id: 4442587FB7D0A2F9\r\nDate: Wed, 25 Nov 2026 12:00:00 GMT\r\nLast-Modified: Tue, 24 Nov 2026 12:00:00 GMT\r\nETag: "9b2cf535f27731c974343645a3985328"\r\nServer: AmazonS3\r\n\r\n',
)

/** Answers a GET of `/<bytes>` with so many bytes, and of `/304` with 304; requests have no bodies. */
function serve(socket: Socket): void {
  let tail = ''
  socket.setNoDelay(true)
  socket.on('error', () => socket.destroy())
  socket.on('data', (chunk: Buffer) => {
    const heads = (tail + chunk.toString('latin1')).split('\r\n\r\n')
    tail = heads.pop() ?? ''
    for (const head of heads) answerTo(socket, head.slice(5, head.indexOf(' ', 5)))
  })
}

function answerTo(socket: Socket, name: string): void {
  if (name === '304') {
    socket.write(notModified)
    return
  }
  const bytes = Number(name)
  socket.write(`HTTP/1.1 200 OK\r\nETag: "x"\r\nAccept-Ranges: bytes\r\nContent-Length: ${bytes}\r\n\r\n`)
  let left = bytes
  const write = (): void => {
    while (left > 0) {
      const part = left >= piece.length ? piece : piece.subarray(0, left)
      left -= part.length
      if (!socket.write(part) && left > 0) {
        socket.once('drain', write)
        return
      }
    }
  }
  write()
}

async function start(): Promise<StoreInfo> {
  const authority = await createCertificateAuthority()
  const { keyPem, certPem } = await authority.issue({ dnsNames: [storeName] })
  const plain = createPlainServer(serve)
  const tls = createTlsServer({ key: keyPem, cert: certPem }, serve)
  for (const server of [plain, tls]) {
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  }
  const portOf = (server: typeof plain): number => (server.address() as AddressInfo).port
  return { plainPort: portOf(plain), tlsPort: portOf(tls), caPem: authority.caPem }
}

if (process.send !== undefined) {
  const info = start()
  answerQuestions<'start', StoreInfo>(() => info)
}
