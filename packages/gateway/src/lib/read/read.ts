import type { Lookup, Representation } from '@s3proxy/cache-store'
import type { Claim } from '@s3proxy/coordinator'
import {
  evaluateConditions,
  hasConditions,
  headerValue,
  ProxyError,
  parseEntityTagList,
  parseHttpDate,
  type RangeSpec,
  readConditions,
} from '@s3proxy/protocol'
import type { Answer } from '../answer.ts'
import type { Classified, ReadRequest } from '../decide.ts'
import type { Exchange } from '../exchange.ts'
import { notModifiedHead } from '../heads.ts'
import type { Parts } from '../parts.ts'
import { ask } from './ask.ts'
import { freshnessOf } from './freshness.ts'
import { hitRequest } from './hit-request.ts'
import { knownPart, type PartRequest, withKnownPart } from './known-part.ts'
import { notFound } from './not-found.ts'
import { revalidateBehind } from './revalidate-behind.ts'
import { serve } from './serve.ts'
import { currentView, type View } from './view.ts'

/** A read on its way through the cache. */
export interface ReadContext {
  /** How often it has waited for another request of the same bytes, and how often in vain. */
  readonly waits: { readonly all: number; readonly vain: number }
  /** When it knew what the cache has, milliseconds since the epoch: what is said of that is true at this time. */
  readonly lookedAt: number
  /** See `Flights.heard`; read before the cache is looked at. */
  readonly heard: number
  /** Under which it asks S3 for bytes, if other processes share what it gets. */
  readonly claim: Claim<Representation> | undefined
  readonly exchange: Exchange
  readonly classified: Classified
  readonly read: ReadRequest
}

/** A read that has not looked at the cache yet. Look in this turn. */
export function beginRead(parts: Parts, exchange: Exchange, classified: Classified, read: ReadRequest): ReadContext {
  const { flights } = parts
  return { exchange, classified, read, waits: notWaited, lookedAt: parts.now(), heard: flights.heard, claim: undefined }
}

const notWaited = { all: 0, vain: 0 } as const

/** `context`, which has waited, to look once more. */
export function readAgain(parts: Parts, context: ReadContext, inVain: boolean): Answer | Promise<Answer> {
  const { all, vain } = context.waits
  const waits = { all: all + 1, vain: inVain ? vain + 1 : vain }
  return read(parts, { ...context, waits, lookedAt: parts.now(), heard: parts.flights.heard, claim: undefined })
}

/** The single read path: from what is held if this client may have it now, else by asking S3. */
export function read(parts: Parts, context: ReadContext): Answer | Promise<Answer> {
  const found = parts.store.lookup(context.read.key)
  if (context.read.part !== undefined) return readPart(parts, context, context.read.part, found)
  return found instanceof Promise
    ? found.then((lookup) => answer(parts, { ...context, lookedAt: parts.now() }, lookup))
    : answer(parts, context, found)
}

/** The same for a part: where it lies must be known, or what is held says nothing about it. */
async function readPart(
  parts: Parts,
  context: ReadContext,
  part: PartRequest,
  found: Lookup | Promise<Lookup>,
): Promise<Answer> {
  const [object, record] = await Promise.all([found, parts.store.lookup(part.key)])
  const view = viewOf(parts, context, object)
  const known = view === undefined ? undefined : knownPart(record, view.representation)
  const read = withKnownPart(context.read, part, known)
  return answerFrom(parts, { ...context, read, lookedAt: parts.now() }, known === undefined ? undefined : view)
}

function viewOf(parts: Parts, { read }: ReadContext, found: Lookup): View | undefined {
  return currentView(found.kind === 'held' ? found.held : undefined, parts.flights.of(read.key))
}

function answer(parts: Parts, context: ReadContext, found: Lookup): Answer | Promise<Answer> {
  return answerFrom(parts, context, viewOf(parts, context, found))
}

function answerFrom(parts: Parts, context: ReadContext, view: View | undefined): Answer | Promise<Answer> {
  const { read: request, exchange, lookedAt: now } = context
  const granted = isGranted(context, now)
  if (view === undefined) {
    return granted && parts.negative.has(request.key, now)
      ? notFound(exchange, request)
      : ask(parts, context, undefined)
  }
  if (!granted || !saysEnough(request, view)) return ask(parts, context, view)
  const { fresh, whileRevalidating, ifError } = freshnessOf(
    request,
    view,
    now,
    parts.invalidator.bucketInvalidatedAt(request.bucket, now),
  )
  const judged = judge(context, view)
  if (judged.kind === 'ask') return ask(parts, context, view)
  if (!fresh && !whileRevalidating)
    return ifError ? askOrStale(parts, context, view, judged) : ask(parts, context, view)
  const served =
    judged.kind === 'not-modified' ? notModified(context, view) : serve(parts, context, view, judged.range, undefined)
  return served instanceof Promise
    ? servedLater(parts, context, view, fresh, served)
    : servedNow(parts, context, view, fresh, served)
}

async function servedLater(
  parts: Parts,
  context: ReadContext,
  view: View,
  fresh: boolean,
  served: Promise<Answer | undefined>,
): Promise<Answer> {
  return servedNow(parts, context, view, fresh, await served)
}

/** An answer from what is held; S3's own if that is gone meanwhile. */
function servedNow(
  parts: Parts,
  context: ReadContext,
  view: View,
  fresh: boolean,
  served: Answer | undefined,
): Answer | Promise<Answer> {
  if (served === undefined) return ask(parts, context, view)
  if (fresh) return served
  revalidateBehind(parts, context, view, ask)
  return asStale(served, 'stale-while-revalidate')
}

/** Whether this client may have what is held without S3 being asked about it. */
function isGranted(context: ReadContext, now: number): boolean {
  const { read, classified } = context
  if (read.mustAsk) return false
  // S3 refuses overrides of an anonymous request; only S3 can say how.
  if (read.overrides.length > 0 && classified.authorization.kind === 'anonymous') return false
  return read.policy.authoriser.authorise(hitRequest(now, context)).kind === 'granted'
}

/** Asks S3; if it cannot answer, what is held does, as the rule allows. */
async function askOrStale(parts: Parts, context: ReadContext, view: View, judged: Judged): Promise<Answer> {
  const stale = async (): Promise<Answer | undefined> =>
    judged.kind === 'serve'
      ? serve(parts, { ...context, lookedAt: parts.now() }, view, judged.range, undefined)
      : undefined
  let answered: Answer
  try {
    answered = await ask(parts, context, view)
  } catch (error) {
    const instead = error instanceof ProxyError && error.source === 'upstream' ? await stale() : undefined
    if (instead === undefined) throw error
    return asStale(instead, 'stale-if-error')
  }
  if (answered.kind === 'error' || answered.head.status < 500) return answered
  const instead = await stale()
  if (instead === undefined) return answered
  answered.body?.cancel()
  return asStale(instead, 'stale-if-error')
}

function asStale(answer: Answer, detail: 'stale-if-error' | 'stale-while-revalidate'): Answer {
  return answer.kind === 'error' ? answer : { ...answer, cache: { kind: 'hit', detail } }
}

/** Whether the stored headers can answer: checksums are only known if they were asked for when it was stored. */
export function saysEnough(read: ReadRequest, view: View): boolean {
  if (!read.wantsChecksums) return true
  if (read.part !== undefined) return read.part.known?.checksums === true
  if (view.representation.checksums) return true
  // The answer to a part carries none.
  return read.range !== undefined && !read.conditionalRange && read.method === 'GET'
}

type Judged =
  | { readonly kind: 'serve'; readonly range: RangeSpec | undefined }
  | { readonly kind: 'not-modified' }
  | { readonly kind: 'ask' }

/** The client's own conditions against what is held. An error that S3 words itself is left to S3. */
function judge({ exchange, classified, read }: ReadContext, view: View): Judged {
  if (!classified.fields.conditional) return { kind: 'serve', range: read.range }
  const conditions = readConditions(exchange.head.headers)
  if (!hasConditions(conditions)) return { kind: 'serve', range: read.range }
  if (!isReadable(conditions.ifMatch) || !isReadable(conditions.ifNoneMatch)) return { kind: 'ask' }
  const lastModified = headerValue(view.representation.headers, 'last-modified')
  const verdict = evaluateConditions(conditions, {
    etag: view.representation.etag,
    lastModified: lastModified === undefined ? undefined : parseHttpDate(lastModified),
  })
  switch (verdict.kind) {
    case 'proceed':
      return { kind: 'serve', range: verdict.range === 'ignore' ? undefined : read.range }
    case 'not-modified':
      return { kind: 'not-modified' }
    case 'precondition-failed':
      return { kind: 'ask' }
  }
}

/** Whether a list of entity tags can be judged here; stores differ on what is no entity tag. */
function isReadable(value: string | undefined): boolean {
  if (value === undefined) return true
  const list = parseEntityTagList(value)
  return list.kind === 'any' || list.complete
}

function notModified({ exchange }: ReadContext, view: View): Answer {
  return {
    kind: 'response',
    head: notModifiedHead(view.representation, exchange.requestId),
    body: undefined,
    cache: { kind: 'hit' },
    objectSize: view.representation.size,
    bytesFromCache: 0,
  }
}
