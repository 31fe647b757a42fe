import { planRevalidation } from '@s3proxy/auth'
import { type Representation, sameBytes } from '@s3proxy/cache-store'
import type { ByteRange } from '@s3proxy/protocol'
import type { UpstreamResponse } from '@s3proxy/upstream'
import type { Answer } from '../answer.ts'
import { passOn } from '../forward.ts'
import type { Parts } from '../parts.ts'
import { fillBytes, sendUpstream, upstreamHeaders } from '../send-upstream.ts'
import { firstAwaited, missingRanges, orGone, requestedRange, unknownPart } from './awaiting.ts'
import { complete } from './complete.ts'
import { expectFill } from './expect-fill.ts'
import { fetchPage, planPage } from './fetch-page.ts'
import { fill } from './fill.ts'
import { hitRequest } from './hit-request.ts'
import { learnMetadata, learnPart } from './learn.ts'
import { passed } from './passed.ts'
import { type ReadContext, readAgain, saysEnough } from './read.ts'
import { serve } from './serve.ts'
import type { Asked } from './start-flight.ts'
import { confirms, readUpstreamAnswer } from './upstream-answer.ts'
import { currentView, resolveWanted, type View } from './view.ts'

/** A leader may fail and another follow; after so many waits in vain a request goes alone. */
const maxVainWaits = 3
/** Each wait that is not in vain brings bytes; a request that needs more goes for the rest itself. */
const maxWaits = 32

/** Answers by which S3 says that this client may read the object. */
const acceptance: ReadonlySet<number> = new Set([200, 206, 304])

/** How a read asks S3. */
interface AskOptions {
  /** Add no condition: what is held cannot be used. */
  readonly verbatim: boolean
}

/**
 * Asks S3, under the client's own signature. If what is held would answer, the question is whether it is still current
 * (304: it is, and this client may have it); else it is for the bytes, which become a fill that others can join.
 */
export function ask(parts: Parts, context: ReadContext, view: View | undefined): Promise<Answer> {
  const missing = missingRanges(context, view)
  return missing.length === 0 || context.read.method === 'HEAD'
    ? send(parts, context, view, { verbatim: missing.length > 0 })
    : askForBytes(parts, context, view, missing)
}

async function askForBytes(
  parts: Parts,
  context: ReadContext,
  view: View | undefined,
  missing: readonly (ByteRange | undefined)[],
): Promise<Answer> {
  const { read: request, exchange, waits } = context
  if (waits.vain < maxVainWaits && waits.all < maxWaits) {
    const awaited = firstAwaited(parts, request, missing)
    if (awaited !== undefined) {
      return readAgain(parts, context, (await orGone(awaited, exchange.responder, 'released')) !== 'led')
    }
  }
  // Nothing is awaited between here and `flights.expect`: of readers that wake together one leads and the rest wait for it.
  const claimed = { bucket: request.bucket, key: request.key, ranges: missing, heard: context.heard }
  const claim = waits.all < maxWaits ? parts.flights.claim(claimed) : undefined
  if (claim === undefined) return fetchMissing(parts, context, view)
  try {
    if ((await orGone(claim.turn, exchange.responder, 'lead')) === 'lead')
      return await fetchMissing(parts, { ...context, claim }, view)
  } finally {
    claim.release()
  }
  return readAgain(parts, context, false)
}

/** Fetches the rest of what is held in part, the pages around a small range, or what the client asked for. */
async function fetchMissing(parts: Parts, context: ReadContext, view: View | undefined): Promise<Answer> {
  const { read: request } = context
  if (view !== undefined && saysEnough(request, view)) {
    const wanted = resolveWanted(view.representation.size, request.range)
    const completed = wanted.kind === 'wanted' ? await complete(parts, context, view, wanted) : undefined
    if (completed !== undefined) return completed
  }
  const page = view === undefined ? planPage(context) : undefined
  if (page !== undefined) {
    const paged = await fetchPage(parts, context, page)
    if (paged !== undefined) return paged
  }
  return send(parts, context, view, { verbatim: true })
}

async function send(parts: Parts, context: ReadContext, view: View | undefined, options: AskOptions): Promise<Answer> {
  const { read: request, exchange, classified } = context
  const headers = upstreamHeaders(exchange, classified)
  const revalidation =
    view === undefined || options.verbatim || request.method === 'HEAD'
      ? undefined
      : planRevalidation(headers, classified.authorization, view.representation.etag)
  const condition = revalidation?.kind === 'conditional' ? view?.representation : undefined
  const generation = parts.generations.observe(request.bucket, request.key)
  const askedAt = parts.invalidator.asking()
  const expectation =
    condition === undefined && request.method === 'GET'
      ? expectFill(parts, context, requestedRange(request))
      : undefined
  const unknown = expectation && unknownPart(request)
  const partExpectation = unknown && parts.flights.expect(unknown.key, undefined)
  try {
    const sent = revalidation?.kind === 'conditional' ? revalidation.headers : headers
    const response = await sendUpstream(
      parts,
      exchange,
      classified,
      sent,
      exchange.body,
      expectation === undefined ? undefined : fillBytes,
    )
    try {
      const asked = { bucket: request.bucket, generation, askedAt, expectation }
      const taken = take(parts, context, view, condition, response, asked)
      return taken instanceof Promise ? await taken : taken
    } catch (error) {
      response.body.cancel()
      throw error
    }
  } finally {
    expectation?.release()
    partExpectation?.release()
  }
}

/** Acts on S3's answer. A promise only if there is something to wait for. */
function take(
  parts: Parts,
  context: ReadContext,
  view: View | undefined,
  condition: Representation | undefined,
  response: UpstreamResponse,
  asked: Asked,
): Answer | Promise<Answer> {
  const { read: request } = context
  const answer = readUpstreamAnswer(request, response, view?.representation, condition)
  if (acceptance.has(response.status)) request.policy.authoriser.accepted?.(hitRequest(asked.askedAt, context))
  switch (answer.kind) {
    case 'object':
      return Promise.all([fill(parts, context, response, answer, asked), learnPart(parts, answer.part, asked)]).then(
        ([filled]) => filled,
      )
    case 'metadata':
      return learnt(parts, context, response, answer.representation, asked)
    case 'confirmed':
      return confirmed(parts, context, view, response, asked.askedAt)
    case 'metadata-changed':
      response.body.cancel()
      return parts.invalidator.drop(request.key, 'keep').then(() => askAnew(parts, context))
    case 'pass':
      return passed(parts, context, view, response, answer, asked)
  }
}

async function learnt(
  parts: Parts,
  { exchange }: ReadContext,
  response: UpstreamResponse,
  representation: Representation,
  asked: Asked,
): Promise<Answer> {
  await learnMetadata(parts, representation, asked.generation, asked.askedAt)
  return passOn(exchange, response, { kind: 'miss', fill: 'stored' })
}

/** S3 said 304: the bytes come from the cache, or, should they be gone meanwhile, from S3 after all. */
function confirmed(
  parts: Parts,
  context: ReadContext,
  view: View | undefined,
  response: UpstreamResponse,
  askedAt: number,
): Answer | Promise<Answer> {
  response.body.cancel()
  if (view === undefined) return askAnew(parts, context)
  parts.store.refresh(view.representation, askedAt)
  const served = serve(parts, context, view, context.read.range, response.headers)
  if (served !== undefined && !(served instanceof Promise)) return served
  return confirmedLater(parts, context, view, response, served)
}

async function confirmedLater(
  parts: Parts,
  context: ReadContext,
  view: View,
  response: UpstreamResponse,
  serving: undefined | Promise<Answer | undefined>,
): Promise<Answer> {
  const answer = (await serving) ?? (await serveAnew(parts, context, view, response))
  return answer ?? askAnew(parts, context)
}

/** What was asked about can be had no more: as one of many who find that out, for whatever there is now. */
function askAnew(parts: Parts, context: ReadContext): Answer | Promise<Answer> {
  if (context.waits.vain < maxVainWaits) return readAgain(parts, context, true)
  return send(parts, context, undefined, { verbatim: true })
}

/** What S3 has confirmed may lie elsewhere by now: a fill of another process on disk, an extent in a larger one. */
async function serveAnew(
  parts: Parts,
  context: ReadContext,
  view: View,
  { headers }: UpstreamResponse,
): Promise<Answer | undefined> {
  const { key, range } = context.read
  const found = await parts.store.lookup(key)
  const now = currentView(found.kind === 'held' ? found.held : undefined, parts.flights.of(key))
  const answers =
    now !== undefined &&
    sameBytes(now.representation, view.representation) &&
    confirms(now.representation, headers) &&
    saysEnough(context.read, now)
  return answers ? serve(parts, context, now, range, headers) : undefined
}
