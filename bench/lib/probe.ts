import { createContent } from './content.ts'
import { answerQuestions } from './helper.ts'
import { connectRaw, type RawConnection, type RawRequest } from './raw-connection.ts'
import { type Percentiles, percentilesOf } from './statistics.ts'

/** What the probe is told: to read something over and over until it is told to stop, or to read something once. */
export type ProbeQuestion =
  | { readonly kind: 'start'; readonly port: number; readonly request: RawRequest; readonly everyMs: number }
  | { readonly kind: 'stop' }
  | { readonly kind: 'once'; readonly port: number; readonly request: RawRequest }

/** Times to the last byte, in milliseconds, and how many answers were wrong. */
export interface ProbeReport {
  readonly times: Percentiles
  readonly maxMs: number
  readonly wrong: number
}

const content = createContent()
let times: number[] = []
let wrong = 0
let running = false
let loop: Promise<void> = Promise.resolve()

answerQuestions<ProbeQuestion, ProbeReport>(async (question) => {
  if (question.kind === 'stop') {
    running = false
    await loop
  } else {
    const buffer = Buffer.allocUnsafeSlow(512 * 1024)
    const connection = await connectRaw({ port: question.port, content, thoroughness: 'every-byte', buffer })
    times = []
    wrong = 0
    if (question.kind === 'once') {
      await ask(connection, question.request)
      connection.destroy()
    } else {
      running = true
      loop = repeat(connection, question.request, question.everyMs)
    }
  }
  return { times: percentilesOf(times), maxMs: Math.max(0, ...times), wrong }
})

async function repeat(connection: RawConnection, request: RawRequest, everyMs: number): Promise<void> {
  while (running) {
    await ask(connection, request)
    await new Promise((resolve) => setTimeout(resolve, everyMs))
  }
  connection.destroy()
}

async function ask(connection: RawConnection, request: RawRequest): Promise<void> {
  const answer = await connection.get(request)
  if (answer.kind === 'answered' && answer.intact) times.push(answer.totalMs)
  else wrong++
}
