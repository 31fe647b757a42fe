import { headerValue } from '@s3proxy/protocol'
import { difference } from './content.ts'
import type { Outcome, ReceivedAnswer } from './front.ts'
import type { Entry, History } from './history.ts'
import type { Ledger, Track } from './ledger.ts'
import type { AskedRange, ModelRequest, ReadFacts } from './requests.ts'

/** What is known of a request when it has ended. */
export interface Judged {
  readonly request: ModelRequest
  readonly outcome: Outcome
  readonly track: Track
  readonly startTick: number
  readonly endTick: number
  /** On the proxy's clock. */
  readonly startMs: number
  /** The oldest entries that may be seen, by key, when the request began. */
  readonly floor: (key: number) => number
}

/** What the proxy promised in this episode. */
export interface Promises {
  readonly history: History
  readonly ledger: Ledger
  readonly mode: 's3' | 'network'
  readonly getTtlMs: number
  readonly headTtlMs: number
  readonly negativeTtlMs: number
  readonly staleIfErrorMs: number
  readonly staleWhileRevalidateMs: number
  /** The cache itself may break answers in their midst. */
  readonly cacheBreaks: boolean
  /** A store that sends more than it announced breaks other exchanges on the same connection. */
  readonly anyTroubleExcuses: boolean
}

/** Judges one request; answers with what was wrong. */
export function judge(judged: Judged, promises: Promises): string[] {
  const { request, outcome, track } = judged
  const { facts } = request
  if (facts.kind !== 'read') return judgeWrite(judged, promises)
  const found: string[] = []
  const isExcused = excused(judged, promises, facts.key)
  const mayBreak = isExcused || promises.cacheBreaks
  if (outcome.kind === 'broken' && !mayBreak) found.push('the answer broke, though nothing was wrong')
  const { answer } = outcome
  if (answer === undefined) return found
  if (isOwnError(answer)) {
    return isExcused || outcome.kind === 'left'
      ? found
      : [...found, `an error of the proxy's own, ${answer.status}, though nothing was wrong`]
  }
  switch (answer.status) {
    case 200:
    case 206:
      return [...found, ...judgeObject(judged, promises, facts, answer)]
    case 304:
      return [...found, ...judgeNotModified(judged, promises, facts, answer)]
    default: {
      const said = track.decisions.some(
        ({ status, sent }) => status === answer.status && isAsSent(request, sent, conditionsOf(answer.status)),
      )
      const remembered = answer.status === 404 && isKnownMissing(judged, promises, facts)
      if (!said && !remembered && !(answer.status >= 400 && isExcused)) {
        found.push(`${answer.status}, which the store did not answer to what the client asked`)
      }
      return found
    }
  }
}

/** Fields that an answer of this status depends on. */
function conditionsOf(status: number): readonly string[] {
  if (status === 412) return ['if-match', 'if-unmodified-since']
  return status === 416 ? ['range'] : []
}

function isAsSent(request: ModelRequest, sent: readonly string[], names: readonly string[]): boolean {
  return names.every((name) => headerValue(request.headers, name) === headerValue(sent, name))
}

function judgeWrite({ request, outcome, track, ...judged }: Judged, promises: Promises): string[] {
  const { facts } = request
  if (facts.kind === 'read') return []
  const keys = facts.kind === 'delete-many' ? facts.keys : [facts.key]
  const isExcused = keys.some((key) => excused({ request, outcome, track, ...judged }, promises, key))
  const { answer } = outcome
  if (outcome.kind === 'broken' && !isExcused) return ['the answer to a write broke, though nothing was wrong']
  if (outcome.kind === 'complete' && answer !== undefined && answer.status < 300 && track.applied.length === 0) {
    return [`${answer.status} to a write that was not done`]
  }
  if (answer !== undefined && answer.status >= 500 && !isExcused && outcome.kind !== 'left') {
    return [`${answer.status} to a write, though nothing was wrong`]
  }
  return []
}

function judgeObject(judged: Judged, promises: Promises, facts: ReadFacts, answer: ReceivedAnswer): string[] {
  const { request, outcome, track } = judged
  const { headers, status, body } = answer
  const found: string[] = []
  const entry = identify(answer, promises.history, facts.key)
  if (entry?.object === undefined) return ['an answer that names no object of this key']
  const { object } = entry
  const size = object.content.length

  if (headerValue(headers, 'etag') !== object.etag && !track.lies.has('no-etag') && !track.lies.has('weak-etag')) {
    found.push(`ETag ${headerValue(headers, 'etag')} over entry ${entry.index} with ${object.etag}`)
  }
  if (headerValue(headers, 'last-modified') !== object.lastModified) found.push('another Last-Modified than the entry')
  if (facts.contentType !== undefined && headerValue(headers, 'content-type') !== facts.contentType) {
    // The store of the model does not know overrides; an answer out of the cache must have it.
    if (!track.decisions.some((decision) => decision.status === status))
      found.push('without the Content-Type asked for')
  }
  const wanted = expectedRange(facts.range, size)
  const given =
    status === 200 ? { start: 0, end: size } : parseContentRange(headerValue(headers, 'content-range'), size)
  if (given === undefined)
    return [...found, `206 with Content-Range ${headerValue(headers, 'content-range')}, size ${size}`]
  const isFree =
    track.lies.has('shifts-range') || track.lies.has('ignores-range') || track.lies.has('ignores-conditions')
  const ifRange = facts.conditions.get('if-range')
  const isRanged =
    wanted !== undefined && (ifRange === undefined || [object.etag, object.lastModified].includes(ifRange))
  if (status === 206 && !isFree) {
    if (!isRanged) found.push('206 to a read of the whole')
    else if (wanted.start !== given.start || wanted.end !== given.end)
      found.push(`${given.start}-${given.end} instead of ${wanted.start}-${wanted.end}`)
  }
  if (status === 200 && isRanged && !isFree) found.push('200 to a satisfiable range')

  const length = headerValue(headers, 'content-length')
  if (length === undefined ? !track.lies.has('no-length') : Number(length) !== given.end - given.start) {
    found.push(`Content-Length ${length} for ${given.end - given.start} bytes`)
  }
  if (request.method === 'GET') {
    const expected = object.content.subarray(given.start, given.end)
    const got = outcome.kind === 'complete' ? expected : expected.subarray(0, body.length)
    const wrong = difference(body, got)
    if (wrong !== undefined) found.push(`wrong bytes: ${wrong}`)
  }
  return [...found, ...judgeAge(judged, promises, facts, entry)]
}

function judgeNotModified(judged: Judged, promises: Promises, facts: ReadFacts, answer: ReceivedAnswer): string[] {
  const etag = headerValue(answer.headers, 'etag')
  if (judged.track.lies.has('no-etag') || judged.track.lies.has('weak-etag')) return []
  const list = facts.conditions.get('if-none-match')
  const names =
    list === undefined
      ? facts.conditions.has('if-modified-since')
      : list === '*' || list.split(', ').includes(etag ?? '')
  if (!names) return ['304 that the client did not ask for']
  const reasons = promises.history
    .of(facts.key)
    .filter((entry) => entry.object?.etag === etag)
    .map((entry) => judgeAge(judged, promises, facts, entry))
  return reasons.some((each) => each.length === 0) ? [] : ['304 for an entry that may not be seen', ...reasons.flat()]
}

/** Whether this read may see this entry. */
function judgeAge(judged: Judged, promises: Promises, facts: ReadFacts, entry: Entry): string[] {
  const { request, track, endTick, startMs } = judged
  const found: string[] = []
  if (entry.index < judged.floor(facts.key)) {
    found.push(`entry ${entry.index}, though a write that made ${judged.floor(facts.key)} was answered before`)
  }
  if (entry.fromTick > endTick) found.push('an entry of the future')
  const confirmed = track.decisions.some((decision) => decision.status < 400 && decision.entry === entry)
  if (promises.mode === 's3' || facts.mustAsk) {
    if (!confirmed) found.push(`entry ${entry.index}, which the store did not name in answer to this request`)
  } else {
    const isHead = request.method === 'HEAD'
    const freshMs = isHead ? promises.headTtlMs : promises.getTtlMs
    const behindMs = isHead ? 0 : promises.staleWhileRevalidateMs
    const errorMs = excused(judged, promises, facts.key) ? promises.staleIfErrorMs : 0
    const ttlMs = freshMs + Math.max(behindMs, errorMs)
    if (!confirmed && entry.toMs < startMs - ttlMs)
      found.push(`entry ${entry.index}, ${startMs - entry.toMs} ms after its end`)
  }
  return found
}

/** Whether S3 may have said so a moment ago. */
function isKnownMissing({ startMs, endTick, floor }: Judged, promises: Promises, { key, mustAsk }: ReadFacts): boolean {
  if (promises.mode === 's3' || mustAsk || promises.negativeTtlMs === 0) return false
  return promises.history
    .of(key)
    .some(
      ({ object, index, fromTick, toMs }) =>
        object === undefined && index >= floor(key) && fromTick < endTick && toMs >= startMs - promises.negativeTtlMs,
    )
}

/** Which entry an answer says it is of. */
function identify({ headers }: ReceivedAnswer, history: History, key: number): Entry | undefined {
  if (headerValue(headers, 'x-amz-meta-key') !== String(key)) return undefined
  return history.of(key)[Number(headerValue(headers, 'x-amz-meta-entry') ?? 'none')]
}

/** The bytes a Range means; undefined for the whole. */
function expectedRange(range: AskedRange, size: number): { readonly start: number; readonly end: number } | undefined {
  switch (range.kind) {
    case 'none':
    case 'ignored':
      return undefined
    case 'closed':
      return { start: range.first, end: Math.min(size, range.last + 1) }
    case 'from':
      return { start: range.first, end: size }
    case 'suffix':
      return { start: Math.max(0, size - range.length), end: size }
  }
}

function parseContentRange(value: string | undefined, size: number): { start: number; end: number } | undefined {
  const [, first, last, total] = /^bytes (\d+)-(\d+)\/(\d+)$/.exec(value ?? '') ?? []
  const range = { start: Number(first), end: Number(last) + 1 }
  return Number(total) === size && range.start < range.end && range.end <= size ? range : undefined
}

function isOwnError({ headers }: ReceivedAnswer): boolean {
  return headerValue(headers, 'x-cache') === 'ERROR'
}

/** Whether something went wrong with the key that may have reached this request. */
function excused({ endTick }: Judged, { ledger, anyTroubleExcuses }: Promises, key: number): boolean {
  return anyTroubleExcuses || ledger.troubles(key).some(({ fromTick }) => fromTick <= endTick)
}
