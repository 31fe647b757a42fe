import type { Lookup } from '@s3proxy/cache-store'
import {
  evaluateConditions,
  hasConditions,
  headerValue,
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
import { serve } from './serve.ts'
import { currentView, type View } from './view.ts'

/** A read on its way through the cache. */
export interface ReadContext {
  /** How often it has waited for another request of the same bytes. */
  readonly waits: number
  readonly exchange: Exchange
  readonly classified: Classified
  readonly read: ReadRequest
}

/** The single read path: from what is held if this client may have it now, else by asking S3. */
export function read(parts: Parts, context: ReadContext): Answer | Promise<Answer> {
  const found = parts.store.lookup(context.read.key)
  return found instanceof Promise
    ? found.then((lookup) => answer(parts, context, lookup))
    : answer(parts, context, found)
}

function answer(parts: Parts, context: ReadContext, found: Lookup): Answer | Promise<Answer> {
  const held = found.kind === 'held' ? found.held : undefined
  const view = currentView(held, parts.flights.of(context.read.key))
  if (view === undefined || !mayServe(parts, context, view)) return ask(parts, context, view)
  const judged = judge(context, view)
  if (judged.kind === 'ask') return ask(parts, context, view)
  if (judged.kind === 'not-modified') return notModified(context, view)
  const served = serve(parts, context, view, judged.range, undefined)
  if (served instanceof Promise) return served.then((result) => result ?? ask(parts, context, view))
  return served ?? ask(parts, context, view)
}

/** Clocks of machines that share a cache may differ by so much. */
const maxClockSkewMs = 60_000

/** Whether what is held may leave without asking S3: this client may read it, it is fresh, and it says enough. */
function mayServe(parts: Parts, { exchange, classified, read }: ReadContext, view: View): boolean {
  if (read.mustAsk) return false
  const now = parts.now()
  const { authorization } = classified
  if (
    read.policy.authoriser.authorise({ bucket: read.bucket, headers: exchange.head.headers, authorization, now })
      .kind === 'ask'
  )
    return false
  // S3 refuses overrides of an anonymous request; only S3 can say how.
  if (read.overrides.length > 0 && authorization.kind === 'anonymous') return false
  if (view.validatedAt <= parts.invalidator.bucketInvalidatedAt(read.bucket)) return false
  const ttlMs = read.method === 'HEAD' ? read.policy.headTtlMs : read.policy.getTtlMs
  // A date in the future comes from a clock that was wrong: it says nothing.
  const ageMs = now - view.validatedAt
  return ageMs < ttlMs && ageMs > -maxClockSkewMs && saysEnough(read, view)
}

/** Whether the stored headers can answer: checksums are only known if they were asked for when it was stored. */
export function saysEnough(read: ReadRequest, view: View): boolean {
  return !read.wantsChecksums || view.representation.checksums || (read.range !== undefined && read.method === 'GET')
}

type Judged =
  | { readonly kind: 'serve'; readonly range: RangeSpec | undefined }
  | { readonly kind: 'not-modified' }
  | { readonly kind: 'ask' }

/** The client's own conditions against what is held. An error that S3 words itself is left to S3. */
function judge({ exchange, read }: ReadContext, view: View): Judged {
  const conditions = readConditions(exchange.head.headers)
  if (!hasConditions(conditions)) return { kind: 'serve', range: read.range }
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
