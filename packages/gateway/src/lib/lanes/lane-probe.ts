import { connect } from 'node:net'
import type { RawHeaders } from '@s3proxy/protocol'
import type { Exchange } from '../exchange.ts'
import type { Gateway } from '../gateway.ts'
import { type Listening, listen } from '../listeners.ts'

/** A gateway for tests of lanes: it notes what it was asked and answers with its name. */
export interface ProbeGateway extends Gateway {
  /** `method target`, in the order in which they came. */
  readonly seen: string[]
  /** The fields of the request that came last. */
  headers: RawHeaders
}

/** How a test answers: at once, unless it says otherwise. */
export type ProbeAnswer = (exchange: Exchange) => void | Promise<void>

/** Answers 200 with `method target` as the body. */
export const sayName: ProbeAnswer = ({ head, responder }) => {
  const body = Buffer.from(`${head.method} ${head.target}`, 'latin1')
  responder.head({ status: 200, reason: '', headers: ['Content-Length', String(body.length), 'X-Probe', '1'] }, false)
  if (head.method !== 'HEAD') responder.write(body)
  responder.end()
}

/** A probe that answers with `answer`. Default: {@link sayName}. */
export function createProbe(answer: ProbeAnswer = sayName): ProbeGateway {
  const seen: string[] = []
  const probe: ProbeGateway = {
    seen,
    headers: [],
    inFlight: 0,
    idle: () => Promise.resolve(),
    handle(exchange) {
      seen.push(`${exchange.head.method} ${exchange.head.target}`)
      probe.headers = exchange.head.headers
      return answer(exchange)
    },
  }
  return probe
}

/** Opens a lane on the loopback, or throws. */
export async function openLane(lane: Parameters<typeof listen>[0]): Promise<Listening> {
  const listening = await listen(lane, { port: 0, bind: '127.0.0.1' })
  if (listening.kind === 'failed') throw new Error(listening.message)
  return listening
}

/** Sends `parts` one after the other on one connection, says that no more come, and gives back all that was answered. */
export function converse(port: number, parts: readonly (string | Buffer)[]): Promise<string> {
  return new Promise((resolve) => {
    const answers: Buffer[] = []
    const socket = connect({ port, host: '127.0.0.1', noDelay: true, allowHalfOpen: true })
    socket.on('data', (chunk) => answers.push(chunk))
    // A lane may close while something is still being sent.
    socket.on('error', () => undefined)
    socket.on('end', () => socket.end())
    socket.on('close', () => resolve(comparable(Buffer.concat(answers).toString('latin1'))))
    const send = (index: number): void => {
      const part = parts[index]
      if (part === undefined) socket.end()
      else socket.write(part, typeof part === 'string' ? 'latin1' : undefined, () => setImmediate(send, index + 1))
    }
    socket.on('connect', () => send(0))
  })
}

/** Answers without what differs from one to the next. */
export function comparable(answers: string): string {
  return answers.replace(/Date: [^\r]*/g, 'Date: …').replace(/[0-9A-F]{16}/g, '…')
}
