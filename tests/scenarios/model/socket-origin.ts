import { headerValue, type RawHeaders } from '@s3proxy/protocol'
import { type Exchange, type FakeOrigin, startFakeOrigin } from '@s3proxy/testkit'
import type { Framing, StoreIo } from './store-io.ts'
import type { StoreModel } from './store-model.ts'

/** The store model behind a port of the loopback. */
export function startSocketOrigin(store: StoreModel): Promise<FakeOrigin> {
  return startFakeOrigin({ handler: (exchange) => store.serve(createIo(exchange)) })
}

function createIo(exchange: Exchange): StoreIo {
  const { request } = exchange
  let framing: Framing = 'none'
  const send = async (bytes: string | Uint8Array): Promise<void> => {
    await exchange.write(bytes)
  }
  return {
    method: request.method,
    target: request.target,
    headers: request.headers,
    get gone() {
      return exchange.gone.aborted
    },
    async body() {
      if (headerValue(request.headers, 'expect') !== undefined) await send('HTTP/1.1 100 Continue\r\n\r\n')
      const end = await exchange.readBody()
      return end.kind === 'complete' ? { kind: 'complete', bytes: request.body } : { kind: 'broken' }
    },
    async head(status, headers, how) {
      framing = how
      await send(formatHead(status, how === 'chunked' ? [...headers, 'Transfer-Encoding', 'chunked'] : headers))
    },
    async write(bytes) {
      if (bytes.length === 0) return
      if (framing === 'chunked') await send(`${bytes.length.toString(16)}\r\n`)
      await send(bytes)
      if (framing === 'chunked') await send('\r\n')
    },
    async finish() {
      if (framing === 'chunked') await send('0\r\n\r\n')
    },
    breakOff(how) {
      if (how === 'closes') exchange.end()
      else exchange.reset()
    },
    async garbage() {
      await send('nobody speaks like this\r\n\r\n')
      exchange.end()
    },
  }
}

function formatHead(status: number, headers: RawHeaders): string {
  const lines = [`HTTP/1.1 ${status} ${status < 300 ? 'OK' : ''}`]
  for (let i = 0; i + 1 < headers.length; i += 2) lines.push(`${headers[i]}: ${headers[i + 1]}`)
  return `${lines.join('\r\n')}\r\n\r\n`
}
