import { headerValue } from '@s3proxy/protocol'
import { difference } from './content.ts'
import type { ReceivedAnswer } from './front.ts'
import type { Entry, History, StoredObject } from './history.ts'
import { judgeAge } from './judge-age.ts'
import type { Judged, Promises } from './judged.ts'
import type { AskedRange, ReadFacts } from './requests.ts'

/** Judges a 200 or 206: what it says of itself, its range and its bytes. */
export function judgeObject(judged: Judged, promises: Promises, facts: ReadFacts, answer: ReceivedAnswer): string[] {
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
  const isPart = facts.part !== undefined && status === 206
  const checksum = headerValue(headers, 'x-amz-checksum-crc32')
  const expectedChecksum = isPart ? `of-${object.version}-part-${facts.part}` : `of-${object.version}`
  const hasChecksum = facts.wantsChecksum && (status === 200 || isPart)
  if (!facts.conditions.has('if-range') && checksum !== (hasChecksum ? expectedChecksum : undefined))
    found.push(`checksum ${checksum}`)
  const count = headerValue(headers, 'x-amz-mp-parts-count')
  if (count !== (isPart && object.partSizes !== undefined ? String(object.partSizes.length) : undefined))
    found.push(`x-amz-mp-parts-count ${count}`)
  const wanted = facts.part === undefined ? expectedRange(facts.range, size) : expectedPart(facts.part, object)
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

/** Which entry an answer says it is of. */
function identify({ headers }: ReceivedAnswer, history: History, key: number): Entry | undefined {
  if (headerValue(headers, 'x-amz-meta-key') !== String(key)) return undefined
  return history.of(key)[Number(headerValue(headers, 'x-amz-meta-entry') ?? 'none')]
}

/** The bytes of a part; undefined where it cannot be told from the whole. */
function expectedPart(part: number, { content, partSizes }: StoredObject): { start: number; end: number } | undefined {
  if (content.length === 0) return undefined
  const sizes = partSizes ?? [content.length]
  const start = sizes.slice(0, part - 1).reduce((sum, each) => sum + each, 0)
  return { start, end: start + (sizes[part - 1] ?? 0) }
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
