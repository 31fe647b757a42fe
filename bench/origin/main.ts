import { type AddressInfo, createServer } from 'node:net'
import { createContent } from '../lib/content.ts'
import { answerQuestions } from '../lib/helper.ts'
import { type OriginCounters, serveConnection } from './connection.ts'

/** `start` once, then `counters` as often as wanted. */
export type OriginQuestion = 'start' | 'counters'

/** Where it listens and what it has done so far. */
export interface OriginReport extends Readonly<OriginCounters> {
  readonly port: number
}

const counters: OriginCounters = { bodies: 0, confirmations: 0, bodyBytes: 0 }
const content = createContent()
const server = createServer((socket) => serveConnection(socket, content, counters))

answerQuestions<OriginQuestion, OriginReport>(async (question) => {
  if (question === 'start') await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', 1024, resolve))
  const { port } = server.address() as AddressInfo
  return { port, ...counters }
})
