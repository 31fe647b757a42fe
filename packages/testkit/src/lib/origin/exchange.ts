import type { Socket } from 'node:net'
import type { RawHeaders } from '@s3proxy/protocol'
import { type BodyEnd, readBody } from '../wire/body.ts'
import { parseHead, requestFraming } from '../wire/head.ts'
import type { SocketReader } from '../wire/socket-reader.ts'

/** A request as an origin received it. */
export interface OriginRequest {
  /** 0 for the first request of this origin, in order of heads received. */
  readonly index: number
  /** 0 for the first connection that was accepted. */
  readonly connection: number
  /** The head's exact bytes, empty line included. */
  readonly rawHead: Buffer
  readonly method: string
  /** As sent, byte for byte (latin-1). */
  readonly target: string
  readonly version: string
  readonly headers: RawHeaders
  /** Body bytes received so far, without transfer coding. Complete once `bodyEnd` is set. */
  readonly body: Buffer
  /** How the body ended; undefined while it has not. */
  readonly bodyEnd: BodyEnd | undefined
}

/** One request and the means to answer it, byte by byte. */
export interface Exchange {
  readonly request: OriginRequest
  /** Fires when the client's side of the connection has closed or broken. */
  readonly gone: AbortSignal
  /** Reads the request's body to its end. What a handler does not read is read and dropped after it. */
  readBody(): Promise<BodyEnd>
  /** Sends exactly these bytes (text is latin-1) and waits until the kernel took them, or the client is gone. */
  write(bytes: string | Uint8Array): Promise<'sent' | 'gone'>
  /** Closes in an orderly way (FIN) after what was written; no further request is read. */
  end(): void
  /** Breaks the connection (RST). */
  reset(): void
}

/** Answers one request. The connection is read on when it returns, unless it ended or reset it. */
export type OriginHandler = (exchange: Exchange) => void | Promise<void>

/** The exchange over one connection, after its head was read. */
export function createExchange(options: {
  readonly socket: Socket
  readonly reader: SocketReader
  readonly rawHead: Buffer
  readonly index: number
  readonly connection: number
  /** Fires when the connection has closed; one for all its exchanges. */
  readonly gone: AbortSignal
  readonly onSent: (bytes: number) => void
}): Exchange & { readonly isOver: boolean } {
  const { socket, reader, rawHead, index, connection, gone, onSent } = options
  const { startLine, headers } = parseHead(rawHead)
  const [method = '', target = '', version = ''] = startLine.split(' ')
  const chunks: Buffer[] = []
  let bodyEnd: BodyEnd | undefined
  const request: OriginRequest = {
    index,
    connection,
    rawHead,
    method,
    target,
    version,
    headers,
    get body() {
      return Buffer.concat(chunks)
    },
    get bodyEnd() {
      return bodyEnd
    },
  }
  let isOver = false
  let reading: Promise<BodyEnd> | undefined
  return {
    request,
    gone,
    get isOver() {
      return isOver || socket.destroyed
    },
    readBody() {
      reading ??= readBody(reader, requestFraming(headers), (bytes) => void chunks.push(bytes)).then((end) => {
        bodyEnd = end
        return end
      })
      return reading
    },
    write(bytes) {
      const data = typeof bytes === 'string' ? Buffer.from(bytes, 'latin1') : bytes
      if (socket.destroyed || socket.writableEnded) return Promise.resolve('gone')
      return new Promise((resolve) => {
        socket.write(data, (error) => {
          if (!error) onSent(data.length)
          resolve(error ? 'gone' : 'sent')
        })
      })
    },
    end() {
      isOver = true
      socket.end()
    },
    reset() {
      isOver = true
      socket.resetAndDestroy()
    },
  }
}
