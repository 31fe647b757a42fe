import { openDiskTier } from '@s3proxy/cache-store'
import { answer, connectHttp, createTempDir, startFakeOrigin } from '@s3proxy/testkit'
import { describe, expect, it, onTestFinished } from 'vitest'
import { host, startProxy } from './harness.ts'

const size = 9 << 20
const names = ['a', 'b'] as const

/** Every word says where it stands, and in which object. */
function objectOf(name: string): Buffer {
  const bytes = Buffer.alloc(size)
  for (let at = 0; at < size; at += 4) bytes.writeUInt32LE(at + (name === 'a' ? 0 : 1), at)
  return bytes
}

async function diskOnly() {
  const objects = new Map(names.map((name) => [name as string, objectOf(name)]))
  const origin = await startFakeOrigin({
    handler: (exchange) =>
      answer({
        headers: ['ETag', '"e"'],
        body: objects.get(exchange.request.target.slice(-1)) ?? Buffer.alloc(0),
      })(exchange),
  })
  const directory = await createTempDir()
  const opening = await openDiskTier({ directory: directory.path, maxBytes: 1 << 30 })
  if (opening.kind === 'refused') throw new Error(opening.message)
  onTestFinished(async () => {
    await origin.close()
    await directory.remove()
  })
  return { objects, origin, proxy: await startProxy({ origin, store: opening.store }) }
}

/** Numbers in `[0, below)`, the same in every run. */
function createDraw(): (below: number) => number {
  let state = 12_345
  return (below) => {
    state = (state * 1_103_515_245 + 12_345) & 0x7f_ff_ff_ff
    return state % below
  }
}

describe('memory that is used again', () => {
  it('shows nobody the bytes of another, whoever leaves in the midst of an answer', { timeout: 60_000 }, async () => {
    const { objects, origin, proxy } = await diskOnly()
    for (const name of names) await proxy.settled('GET', `/b/${name}`)
    const draw = createDraw()
    const client = async (): Promise<void> => {
      for (let read = 0; read < 6; read++) {
        const name = names[draw(2)] ?? 'a'
        const start = draw(size - 1)
        const end = Math.min(size, start + 1 + draw(size))
        const leaves = draw(3) === 0
        await using connection = await connectHttp({ port: proxy.port })
        await connection.send(`GET /b/${name} HTTP/1.1\r\nHost: ${host}\r\nRange: bytes=${start}-${end - 1}\r\n\r\n`)
        let position = start
        const compare = (bytes: Buffer): void => {
          const right = objects.get(name)?.subarray(position, position + bytes.length)
          if (right?.equals(bytes) !== true) throw new Error(`wrong bytes of ${name} at ${position}`)
          position += bytes.length
          if (leaves && position - start > (end - start) / 2) connection.destroy()
        }
        const received = connection.receive({ onBody: compare })
        if (leaves) await received.catch((error: Error) => expect(error.message).not.toContain('wrong bytes'))
        else expect((await received).bodyBytes).toBe(end - start)
      }
    }
    await Promise.all(Array.from({ length: 12 }, client))
    expect(origin.requests.length).toBe(names.length)
  })
})
