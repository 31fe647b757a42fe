import { connect, type Socket } from 'node:net'
import type { Content, Thoroughness } from './content.ts'

/** What a client asks for and which bytes of the object it must get. */
export interface RawRequest {
  /** The whole head, as it goes out. */
  readonly head: string
  readonly start: number
  readonly end: number
}

/** What came of a request. `broken`: the connection ended, or what came was no answer. */
export type RawAnswer =
  | {
      readonly kind: 'answered'
      readonly status: number
      /** `X-Cache`, upper case; empty if there is none. */
      readonly cache: string
      /** From the request to the first byte of the answer, and to the last, in milliseconds. */
      readonly firstByteMs: number
      readonly totalMs: number
      readonly bytes: number
      /** Whether the bytes are those of the object. */
      readonly intact: boolean
    }
  | { readonly kind: 'broken'; readonly bytes: number }

/** A kept-alive connection that reads answers as cheaply as Node.js can. */
export interface RawConnection {
  /** One request at a time. */
  get(request: RawRequest): Promise<RawAnswer>
  destroy(): void
}

export interface RawConnectionOptions {
  readonly port: number
  readonly content: Content
  readonly thoroughness: Thoroughness
  /** All reads of the connection go through it; connections may share one. */
  readonly buffer: Uint8Array
  /** Asked after each read, with its bytes: `pause` stops reading until `resume` of the socket given is called. */
  readonly afterRead?: (socket: Socket, bytes: number) => 'go-on' | 'pause'
}

interface Current {
  readonly request: RawRequest
  readonly sentAt: number
  readonly resolve: (answer: RawAnswer) => void
  headText: string
  head:
    | { readonly status: number; readonly cache: string; readonly length: number; readonly firstByteMs: number }
    | undefined
  bytes: number
  intact: boolean
}

/** Connects; rejects if nobody listens. */
export function connectRaw(options: RawConnectionOptions): Promise<RawConnection> {
  const { port, content, thoroughness } = options
  let current: Current | undefined

  const finish = (answer: RawAnswer): void => {
    const resolve = current?.resolve
    current = undefined
    resolve?.(answer)
  }
  const breakOff = (): void => finish({ kind: 'broken', bytes: current?.bytes ?? 0 })

  const takeBody = (now: Current, bytes: Uint8Array): void => {
    const offset = now.request.start + now.bytes
    now.bytes += bytes.length
    if (offset + bytes.length > now.request.end || !content.matches(offset, bytes, thoroughness)) now.intact = false
  }
  const take = (bytes: Buffer): void => {
    const now = current
    if (now === undefined) return
    let body = bytes
    if (now.head === undefined) {
      const before = now.headText.length
      now.headText += bytes.toString('latin1', 0, Math.min(bytes.length, 16_384))
      const end = now.headText.indexOf('\r\n\r\n')
      if (end < 0) return
      now.head = { ...readHead(now.headText.slice(0, end + 2)), firstByteMs: performance.now() - now.sentAt }
      body = bytes.subarray(end + 4 - before)
    }
    if (body.length > 0) takeBody(now, body)
    const { head, request } = now
    if (now.bytes < head.length) return
    const intact = now.intact && now.bytes === head.length && head.length === request.end - request.start
    const { status, cache, firstByteMs } = head
    const totalMs = performance.now() - now.sentAt
    finish({ kind: 'answered', status, cache, firstByteMs, totalMs, bytes: now.bytes, intact })
  }

  return new Promise((resolve, reject) => {
    const socket: Socket = connect({
      port,
      host: '127.0.0.1',
      noDelay: true,
      onread: {
        buffer: options.buffer,
        callback: (count: number, buffer: Uint8Array): boolean => {
          take(Buffer.from(buffer.buffer, buffer.byteOffset, count))
          return options.afterRead?.(socket, count) !== 'pause'
        },
      },
    })
    socket.once('error', reject)
    socket.on('close', breakOff)
    socket.once('connect', () => {
      socket.off('error', reject)
      socket.on('error', () => socket.destroy())
      resolve({
        get(request) {
          if (socket.destroyed) return Promise.resolve({ kind: 'broken', bytes: 0 })
          return new Promise((answered) => {
            const sentAt = performance.now()
            current = { request, sentAt, resolve: answered, headText: '', head: undefined, bytes: 0, intact: true }
            socket.write(request.head, 'latin1')
          })
        },
        destroy: () => socket.destroy(),
      })
    })
  })
}

function readHead(text: string): { readonly status: number; readonly cache: string; readonly length: number } {
  return {
    status: Number(text.slice(9, 12)),
    cache: /^x-cache: *(\S+)/im.exec(text)?.[1]?.toUpperCase() ?? '',
    length: Number(/^content-length: *(\d+)/im.exec(text)?.[1] ?? 0),
  }
}
