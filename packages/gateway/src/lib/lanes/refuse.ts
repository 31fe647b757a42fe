import type { Socket } from 'node:net'
import { makeRequestId, type ProxyError } from '@s3proxy/protocol'
import { errorAnswer } from '../error-answer.ts'
import { formatHead } from './fast/format-head.ts'

/** What a refusal is made of. */
export interface RefusalOptions {
  readonly now: () => number
  readonly random: () => number
  /** Told of bytes that were no HTTP request. */
  readonly onMalformed?: (remoteAddress: string, error: ProxyError) => void
}

/** Answers what never became a request, and closes the connection. */
export type Refuse = (socket: Socket, error: ProxyError) => void

export function createRefusal({ now, random, onMalformed }: RefusalOptions): Refuse {
  return (socket, error) => {
    const { head, body } = errorAnswer(error, makeRequestId(random), undefined)
    const date = new Date(now()).toUTCString()
    const { bytes: text } = formatHead(head, { bodyAllowed: true, close: true, keepAliveSeconds: 0, date })
    socket.end(Buffer.concat([Buffer.from(text, 'latin1'), body]), () => socket.destroy())
    onMalformed?.(socket.remoteAddress ?? '-', error)
  }
}
