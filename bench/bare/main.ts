import { type AddressInfo, createServer, Socket, type SocketConstructorOpts } from 'node:net'
import { parseObjectPath } from '../lib/object-name.ts'

// node bench/bare/main.ts: what Node's sockets allow. It reads no more of a request than its object's size and whether it has a
// Range, and writes one prebuilt answer: no log, no metrics, no cache. One request per read, as wrk sends them.

/** Prebuilt answers by target and range. */
const answers = new Map<string, Buffer>()

const server = createServer({ noDelay: true, pauseOnConnect: true }, (accepted) => {
  const inside = accepted as unknown as { _handle: unknown }
  const options = { handle: inside._handle, onread: { buffer: shared, callback: receive } }
  const socket: Socket = new Socket(options as unknown as SocketConstructorOpts)
  inside._handle = null
  socket.on('error', () => socket.destroy())
  function receive(length: number, bytes: Uint8Array): boolean {
    socket.write(answerTo((bytes as Buffer).toString('latin1', 0, Math.min(length, 4096))))
    return true
  }
})
const shared = Buffer.allocUnsafeSlow(64 * 1024)
server.listen(0, '127.0.0.1', 1024, () => {
  process.stdout.write(`listening ${(server.address() as AddressInfo).port}\n`)
})

function answerTo(head: string): Buffer {
  const target = head.slice(4, head.indexOf(' ', 4))
  const mark = head.indexOf('bytes=')
  const range = mark === -1 ? '' : head.slice(mark + 6, head.indexOf('\r', mark))
  const known = answers.get(target + range)
  if (known !== undefined) return known
  const [first = 0, last = 0] = range.split('-').map(Number)
  const length = range === '' ? (parseObjectPath(target)?.sizeBytes ?? 0) : last - first + 1
  const fields = `Content-Type: application/octet-stream\r\nETag: "bare"\r\nContent-Length: ${length}\r\n`
  const answer = Buffer.concat([Buffer.from(`HTTP/1.1 200 OK\r\n${fields}\r\n`), Buffer.alloc(length, 'x')])
  answers.set(target + range, answer)
  return answer
}
