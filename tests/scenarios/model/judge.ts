import { headerValue } from '@s3proxy/protocol'
import type { ReceivedAnswer } from './front.ts'
import { isKnownMissing, judgeAge } from './judge-age.ts'
import { judgeObject } from './judge-object.ts'
import { excused, type Judged, type Promises } from './judged.ts'
import type { ModelRequest, ReadFacts } from './requests.ts'

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
  // A cache that breaks after the last byte of an answer resets a connection on which the next request is on its way.
  const mayBreak = isExcused || (promises.cacheBreaks && answer === undefined)
  if (outcome.kind === 'broken' && !mayBreak) return ['the answer to a write broke, though nothing was wrong']
  if (outcome.kind === 'complete' && answer !== undefined && answer.status < 300 && track.applied.length === 0) {
    return [`${answer.status} to a write that was not done`]
  }
  if (answer !== undefined && answer.status >= 500 && !isExcused && outcome.kind !== 'left') {
    return [`${answer.status} to a write, though nothing was wrong`]
  }
  return []
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

function isOwnError({ headers }: ReceivedAnswer): boolean {
  return headerValue(headers, 'x-cache') === 'ERROR'
}
