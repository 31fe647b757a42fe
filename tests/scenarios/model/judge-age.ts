import type { Entry } from './history.ts'
import { excused, type Judged, type Promises } from './judged.ts'
import type { ReadFacts } from './requests.ts'

/** Whether this read may see this entry. */
export function judgeAge(judged: Judged, promises: Promises, facts: ReadFacts, entry: Entry): string[] {
  const { request, track, endTick, startMs } = judged
  const found: string[] = []
  if (facts.version !== undefined) return judgeVersion(judged, promises, facts, entry)
  if (entry.index < judged.floor(facts.key)) {
    found.push(`entry ${entry.index}, though a write that made ${judged.floor(facts.key)} was answered before`)
  }
  if (entry.fromTick > endTick) found.push('an entry of the future')
  const confirmed = track.decisions.some((decision) => decision.status < 400 && decision.entry === entry)
  if (promises.mode === 's3' || facts.mustAsk) {
    const remembered = isRemembered(judged, promises, facts) && entry.toMs >= startMs - promises.presignedMemoMs
    if (!confirmed && !remembered)
      found.push(`entry ${entry.index}, which the store did not name in answer to this request`)
  } else {
    const isHead = request.method === 'HEAD'
    const ruleMs = isHead ? promises.headTtlMs : promises.getTtlMs
    const freshMs = Math.min(ruleMs, ownTtlMs(entry, promises))
    const behindMs = isHead ? 0 : promises.staleWhileRevalidateMs
    const errorMs = excused(judged, promises, facts.key) ? promises.staleIfErrorMs : 0
    const ttlMs = freshMs + Math.max(behindMs, errorMs)
    if (!confirmed && entry.toMs < startMs - ttlMs)
      found.push(`entry ${entry.index}, ${startMs - entry.toMs} ms after its end`)
  }
  return found
}

/** Whether S3 may have said so a moment ago. */
export function isKnownMissing(judged: Judged, promises: Promises, facts: ReadFacts): boolean {
  const { startMs, endTick, floor } = judged
  const { key, mustAsk, version } = facts
  if (version !== undefined || mustAsk || promises.negativeTtlMs === 0) return false
  if (promises.mode === 's3' && !isRemembered(judged, promises, facts)) return false
  return promises.history
    .of(key)
    .some(
      ({ object, index, fromTick, toMs }) =>
        object === undefined && index >= floor(key) && fromTick < endTick && toMs >= startMs - promises.negativeTtlMs,
    )
}

/** A version never changes, so it may be kept for ever, until it is deleted. */
function judgeVersion(judged: Judged, promises: Promises, facts: ReadFacts, entry: Entry): string[] {
  const { track, gone } = judged
  const { key, version, mustAsk } = facts
  const { object } = entry
  if (object?.version !== version) return [`version ${object?.version} instead of ${version}`]
  const first = promises.history.of(key).find((each) => each.object?.version === version)
  if (first !== entry) return ['metadata that the version does not have']
  const confirmed = track.decisions.some((decision) => decision.status < 400 && decision.entry === entry)
  if (confirmed) return []
  const mayKnow = promises.mode !== 's3' || isRemembered(judged, promises, facts)
  if (!mayKnow || mustAsk) return [`version ${version}, which the store did not name in answer to this`]
  return version !== undefined && gone.has(version) ? [`version ${version}, whose deletion was answered before`] : []
}

/** How long the object itself allows. */
function ownTtlMs({ object }: Entry, { honourCacheControl }: Promises): number {
  if (!honourCacheControl) return Number.POSITIVE_INFINITY
  switch (object?.cacheControl) {
    case 'max-age=1':
      return 1000
    case 's-maxage=0, max-age=100':
    case 'no-cache':
    case 'no-store':
    case 'private':
      return 0
    default:
      return 9_999_000
  }
}

/** Whether S3 may have accepted this very URL before, so that it was not asked again. */
function isRemembered({ request }: Judged, { presignedMemoMs }: Promises, { mustAsk }: ReadFacts): boolean {
  return presignedMemoMs > 0 && !mustAsk && request.target.includes('X-Amz-Signature=')
}
