import type { Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Content } from '../lib/content.ts'
import { answerHead, type OriginAnswer } from './head.ts'

/** What an origin has done. */
export interface OriginCounters {
  /** Requests answered with bytes of objects. */
  bodies: number
  /** Requests answered 304. */
  confirmations: number
  /** Bytes of objects handed to the network. */
  bodyBytes: number
}

/** Bytes handed to a connection at a time. */
const pieceBytes = 512 * 1024

/** Serves the requests of a connection one after another. */
export function serveConnection(socket: Socket, content: Content, counters: OriginCounters): void {
  let pending = ''
  let busy = false
  let drained: (() => void) | undefined
  const resume = (): void => {
    drained?.()
    drained = undefined
  }

  const send = async ({ head, object, start, end }: OriginAnswer): Promise<void> => {
    if (object !== undefined && object.firstByteMs > 0) await sleep(object.firstByteMs)
    socket.write(head, 'latin1')
    if (head.startsWith('HTTP/1.1 304')) counters.confirmations++
    if (object === undefined || start >= end) return
    counters.bodies++
    const paceBytes = object.bytesPerSecond === 0 ? pieceBytes : Math.ceil(object.bytesPerSecond / 50)
    for (const piece of content.pieces(start, end, Math.min(pieceBytes, paceBytes))) {
      if (socket.destroyed) return
      counters.bodyBytes += piece.length
      const flushed = socket.write(piece)
      if (object.bytesPerSecond > 0) await sleep((piece.length / object.bytesPerSecond) * 1000)
      if (!flushed && socket.writableNeedDrain) {
        await new Promise<void>((resolve) => {
          drained = resolve
        })
      }
    }
  }

  const work = async (): Promise<void> => {
    if (busy) return
    busy = true
    for (let end = pending.indexOf('\r\n\r\n'); end >= 0 && !socket.destroyed; end = pending.indexOf('\r\n\r\n')) {
      const head = pending.slice(0, end + 2)
      pending = pending.slice(end + 4)
      await send(answerHead(head))
    }
    busy = false
  }

  socket.setNoDelay(true)
  socket.on('drain', resume)
  socket.on('close', resume)
  socket.on('error', () => socket.destroy())
  socket.on('data', (chunk: Buffer) => {
    pending += chunk.toString('latin1')
    work().catch(() => socket.destroy())
  })
}
