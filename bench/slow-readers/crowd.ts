import type { Socket } from 'node:net'
import { createContent } from '../lib/content.ts'
import { answerQuestions } from '../lib/helper.ts'
import { connectRaw, type RawAnswer, type RawConnection, type RawRequest } from '../lib/raw-connection.ts'

/** What the crowd of slow readers is told to do, in this order. */
export type SlowQuestion =
  /** Everyone asks and reads `bytesPerSecond`. */
  | {
      readonly kind: 'start'
      readonly port: number
      readonly request: RawRequest
      readonly readers: number
      readonly bytesPerSecond: number
    }
  /** So many stop reading for good, so many close their connections, the rest goes on as before. */
  | { readonly kind: 'part'; readonly stop: number; readonly close: number }
  /** So many of the rest read on as fast as they can; answers when they have everything. */
  | { readonly kind: 'finish'; readonly readers: number }
  /** Everyone closes. */
  | { readonly kind: 'end' }

/** How it stands. */
export interface SlowReport {
  /** Readers whose connection is still there. */
  readonly connected: number
  /** Answers that ended though their reader had not. */
  readonly brokenOff: number
  /** Of the readers that were to finish: those with every byte right. */
  readonly finished: number
  readonly wrong: number
  /** Bytes read by all. */
  readonly bytes: number
}

interface Reader {
  readonly connection: RawConnection
  pace: 'slow' | 'stopped' | 'fast' | 'closed'
  socket: Socket | undefined
  answer: RawAnswer | undefined
  answered: Promise<RawAnswer>
}

const content = createContent()
/** Small: a slow reader takes so much at a time. */
const buffer = Buffer.allocUnsafeSlow(16 * 1024)
let readers: readonly Reader[] = []
let bytes = 0

answerQuestions<SlowQuestion, SlowReport>(async (question) => {
  let finishers: readonly Reader[] = []
  switch (question.kind) {
    case 'start':
      readers = await start(question)
      break
    case 'part': {
      const slow = readers.filter(({ pace }) => pace === 'slow')
      for (const reader of slow.slice(0, question.stop)) reader.pace = 'stopped'
      for (const reader of slow.slice(question.stop, question.stop + question.close)) close(reader)
      break
    }
    case 'finish':
      finishers = readers.filter(({ pace }) => pace === 'slow').slice(0, question.readers)
      for (const reader of finishers) {
        reader.pace = 'fast'
        reader.socket?.resume()
      }
      await Promise.all(finishers.map(({ answered }) => answered))
      break
    case 'end':
      for (const reader of readers) close(reader)
      break
  }
  const isRight = ({ answer }: Reader): boolean => answer?.kind === 'answered' && answer.intact
  const broken = readers.filter(({ answer, pace }) => answer?.kind === 'broken' && pace !== 'closed').length
  return {
    connected: readers.filter(({ answer }) => answer === undefined).length,
    brokenOff: broken,
    finished: finishers.filter(isRight).length,
    wrong: finishers.filter((reader) => !isRight(reader)).length,
    bytes,
  }
})

function close(reader: Reader): void {
  reader.pace = 'closed'
  reader.connection.destroy()
}

/** Connects everyone, a few at a time, and starts to read. */
async function start(question: SlowQuestion & { readonly kind: 'start' }): Promise<readonly Reader[]> {
  const all: Reader[] = []
  for (let i = 0; i < question.readers; i += 50) {
    const batch = Math.min(50, question.readers - i)
    all.push(...(await Promise.all(Array.from({ length: batch }, () => startReader(question)))))
  }
  return all
}

async function startReader({
  port,
  request,
  bytesPerSecond,
}: SlowQuestion & { readonly kind: 'start' }): Promise<Reader> {
  let reader: Reader | undefined
  const connection = await connectRaw({
    port,
    content,
    thoroughness: 'every-byte',
    buffer,
    afterRead(socket, count) {
      bytes += count
      if (reader === undefined) return 'go-on'
      reader.socket = socket
      if (reader.pace === 'fast') return 'go-on'
      setTimeout(
        (slow: Reader) => {
          if (slow.pace === 'slow') socket.resume()
        },
        (count / bytesPerSecond) * 1000,
        reader,
      )
      return 'pause'
    },
  })
  const answered = connection.get(request)
  const started: Reader = { connection, pace: 'slow', socket: undefined, answer: undefined, answered }
  reader = started
  void answered.then((answer) => {
    started.answer = answer
  })
  return started
}
