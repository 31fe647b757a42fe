import { request } from 'node:http'
import { Duplex } from 'node:stream'
import type { AnswerHead } from './answer-head.ts'
import { AnswerParser } from './answer-parser.ts'

/** What a parser makes of the bytes of one connection. */
export type Parsed =
  | {
      readonly kind: 'answer'
      readonly interim: readonly number[]
      readonly status: number
      readonly reason: string
      readonly headers: readonly string[]
      readonly body: string
      /** Bytes of the connection that belong to the answer. */
      readonly consumed: number
    }
  | { readonly kind: 'incomplete' }
  | { readonly kind: 'refused'; readonly why: unknown }

/** Reads `bytes` by our parser, cut at the offsets `cuts`; the connection ends after them. */
export function parseByOurs(
  bytes: Buffer,
  method: string,
  cuts: readonly number[] = [],
  maxHeadBytes = 65_536,
): Parsed {
  const interim: number[] = []
  let final: AnswerHead | undefined
  let body = ''
  const parser = new AnswerParser(
    {
      onInterim: ({ status }) => void interim.push(status),
      onHead: (head) => {
        final = head
      },
      onRun: (piece, start, end) => {
        body += piece.toString('latin1', start, end)
      },
    },
    maxHeadBytes,
  )
  parser.begin(method)
  let consumed = 0
  try {
    for (const [start, end] of pieces(bytes.length, cuts)) {
      // each piece lies somewhere in larger memory that also holds what must not be looked at
      const memory = Buffer.concat([Buffer.from('\r\n\r\n'), bytes.subarray(start, end), Buffer.from('\r\n0\r\n\r\n')])
      if (parser.isDone) break
      consumed += parser.take(memory, 4, 4 + end - start) - 4
    }
  } catch (why) {
    return { kind: 'refused', why }
  }
  if (final === undefined || !(parser.isDone || parser.endsWithConnection)) return { kind: 'incomplete' }
  const { status, reason, headers } = final
  return { kind: 'answer', interim, status, reason, headers, body, consumed }
}

/** Reads `bytes` by Node's own client, which is llhttp; `consumed` is not known. */
export function parseByNode(bytes: Buffer, method: string): Promise<Parsed> {
  return new Promise((resolve) => {
    const interim: number[] = []
    const socket = new Duplex({
      read: () => undefined,
      write: (_chunk, _encoding, done) => done(),
    })
    const outgoing = request({ method, createConnection: () => socket as never, host: 'a' })
    outgoing.maxHeadersCount = 0
    outgoing.on('information', ({ statusCode }) => void interim.push(statusCode))
    outgoing.on('error', (why) => resolve({ kind: 'refused', why }))
    outgoing.on('close', () => resolve({ kind: 'incomplete' }))
    outgoing.on('response', (incoming) => {
      const { statusCode: status = 0, statusMessage: reason = '', rawHeaders: headers } = incoming
      let body = ''
      incoming.on('data', (chunk: Buffer) => {
        body += chunk.toString('latin1')
      })
      incoming.on('error', (why) => resolve({ kind: 'refused', why }))
      incoming.on('end', () => {
        if (incoming.complete) resolve({ kind: 'answer', interim, status, reason, headers, body, consumed: 0 })
        else resolve({ kind: 'incomplete' })
      })
    })
    outgoing.end()
    setImmediate(() => {
      socket.push(bytes)
      socket.push(null)
    })
  })
}

function pieces(length: number, cuts: readonly number[]): (readonly [number, number])[] {
  const offsets = [...new Set([0, ...cuts.filter((cut) => cut > 0 && cut < length), length])].sort((a, b) => a - b)
  return offsets.slice(1).map((end, i) => [offsets[i] ?? 0, end] as const)
}
