import { filterHeaders, headerValue, type RawHeaders } from '@s3proxy/protocol'
import { drawFaults, type FaultRates, type Faults } from './faults.ts'
import type { Entry, History } from './history.ts'
import type { Ledger, Track } from './ledger.ts'
import type { Random } from './random.ts'
import { sendError } from './store-errors.ts'
import type { StoreIo } from './store-io.ts'
import { answerRead, type ReadAnswer } from './store-reads.ts'
import { applyWrite } from './store-writes.ts'
import type { Turnstile } from './turnstile.ts'

/** Most bytes the store sends at once. */
const largestWrite = 200_000

/** What a store is made of. */
export interface StoreModelOptions {
  readonly random: Random
  readonly history: History
  readonly ledger: Ledger
  readonly turnstile: Turnstile
  readonly rates: FaultRates
}

/** The store of an episode. */
export interface StoreModel {
  /** Answers one exchange. */
  serve(io: StoreIo): Promise<void>
  /** Exchanges being answered. */
  readonly active: number
}

/** A store that takes its time and is not always right, and writes down what it did. */
export function createStoreModel(options: StoreModelOptions): StoreModel {
  const { history, ledger, turnstile } = options
  let active = 0

  const answer = async (io: StoreIo): Promise<void> => {
    const track = ledger.find(headerValue(io.headers, 'x-model-id') ?? '')
    if (track === undefined) {
      ledger.complaints.push(`a request without a known id arrived: ${io.method} ${io.target}`)
      return io.breakOff('breaks')
    }
    checkArrival(io, track, ledger)
    const { request } = track
    const random = options.random.fork(`${request.id}#${track.exchanges++}`)
    const faults = drawFaults(random, options.rates)
    const { facts } = request
    const keys = facts.kind === 'delete-many' ? facts.keys : [facts.key]
    const troubles = isTrouble(faults) ? keys.map((key) => ledger.trouble(key, history.tick())) : []
    const pause = async (probability: number): Promise<void> => {
      if (random.chance(probability)) await turnstile.hold()
    }
    try {
      await pause(0.6)
      if (await refuse(io, faults)) return
      if (facts.kind !== 'read') return await applyWrite({ ...options, io, track, facts, faults, pause })
      const lies = {
        ignoresRange: faults.lie === 'ignores-range',
        ignoresConditions: faults.lie === 'ignores-conditions',
        // Where a part lies, nobody else knows.
        shiftsRange: faults.lie === 'shifts-range' && facts.part === undefined,
      }
      if (faults.lie !== 'none') track.lies.add(faults.lie)
      const current = history.current(facts.key)
      const named = facts.version === undefined ? current : history.version(facts.key, facts.version)
      const entry = named ?? current
      const decided = answerRead(named, io.method, io.headers, facts.part, lies)
      track.decisions.push({ status: decided.status, entry, sent: io.headers })
      await pause(0.6)
      await send(io, entry, decided, faults, pause)
    } finally {
      for (const trouble of troubles) trouble.toTick = history.tick()
    }
  }
  return {
    async serve(io) {
      active++
      try {
        await answer(io)
      } finally {
        active--
      }
    },
    get active() {
      return active
    },
  }
}

function isTrouble(faults: Faults): boolean {
  return faults.before !== 'none' || faults.early || faults.body.kind !== 'whole' || faults.afterWrite !== 'none'
}

/** Ends the exchange before its request was looked at, if it is to be; answers whether it did. */
async function refuse(io: StoreIo, { before }: Faults): Promise<boolean> {
  switch (before) {
    case 'none':
      return false
    case 'breaks':
    case 'closes':
      io.breakOff(before)
      return true
    case 'garbage':
      await io.garbage()
      return true
    default: {
      const [status, code] = {
        'internal-error': [500, 'InternalError'] as const,
        'slow-down': [503, 'SlowDown'] as const,
        denied: [403, 'AccessDenied'] as const,
      }[before]
      await sendError(io, status, code)
      return true
    }
  }
}

async function send(
  io: StoreIo,
  entry: Entry,
  answer: ReadAnswer,
  { body, lie }: Faults,
  pause: (probability: number) => Promise<void>,
): Promise<void> {
  const { status, start, end } = answer
  const code = headerValue(answer.headers, 'x-model-error')
  if (code !== undefined) return sendError(io, status, code)
  const empty = io.method === 'HEAD' || status === 304
  await io.head(status, lyingHeaders(answer.headers, lie), empty ? 'none' : lie === 'no-length' ? 'chunked' : 'length')
  if (empty) return io.finish()
  const content = entry.object?.content.subarray(start, end) ?? Buffer.alloc(0)
  const cut = 'after' in body ? Math.floor(content.length * body.after) : content.length
  const step = Math.max(1, Math.min(largestWrite, Math.ceil(content.length / 4)))
  for (let at = 0; at < cut && !io.gone; at += step) {
    await pause(0.5)
    await io.write(content.subarray(at, Math.min(cut, at + step)))
  }
  if (body.kind === 'closes' || body.kind === 'breaks') return io.breakOff(body.kind)
  if (body.kind === 'too-long') await io.write(Buffer.from('and more'))
  await io.finish()
}

function lyingHeaders(headers: RawHeaders, lie: Faults['lie']): RawHeaders {
  if (lie === 'no-etag') return filterHeaders(headers, (name) => name !== 'etag')
  if (lie === 'no-length') return filterHeaders(headers, (name) => name !== 'content-length')
  return lie === 'weak-etag' ? headers.map((text) => (text.startsWith('"k') ? `W/${text}` : text)) : headers
}

/** What the client signed must arrive as it was sent, and the request line always. */
function checkArrival(io: StoreIo, { request }: Track, { complaints }: Ledger): void {
  if (io.method !== request.method || io.target !== request.target) {
    complaints.push(`${request.id} arrived as ${io.method} ${io.target} instead of ${request.method} ${request.target}`)
  }
  for (const name of request.signing.signedNames) {
    const [sent, arrived] = [headerValue(request.headers, name), headerValue(io.headers, name)]
    if (sent !== arrived) complaints.push(`${request.id}: signed ${name} arrived as ${arrived} instead of ${sent}`)
  }
}
