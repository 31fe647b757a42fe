import type { Representation } from '@s3proxy/cache-store'
import { headerValue, parseEntityTag, parseEntityTagList, strongMatch } from '@s3proxy/protocol'
import type { UpstreamResponse } from '@s3proxy/upstream'
import type { Answer } from '../answer.ts'
import { passOn } from '../forward.ts'
import type { Parts } from '../parts.ts'
import type { ReadContext } from './read.ts'
import { rememberMissing } from './remember-missing.ts'
import type { Asked } from './start-flight.ts'
import type { UpstreamAnswer } from './upstream-answer.ts'
import type { View } from './view.ts'

/** An answer of S3 that goes to the client alone, and what it says of what is held. */
export async function passed(
  parts: Parts,
  context: ReadContext,
  view: View | undefined,
  response: UpstreamResponse,
  answer: Extract<UpstreamAnswer, { readonly kind: 'pass' }>,
  asked: Asked,
): Promise<Answer> {
  const { read: request, exchange } = context
  const passing = passOn(exchange, response, { kind: 'miss', fill: answer.reason })
  const unwritten = parts.generations.isCurrent(asked.generation)
  const applied = applyToHeld(parts, context, view?.representation, answer.held, response.status, asked)
  // Observed in the turn in which the answer is judged, so that no write after it is missed.
  const generation = parts.generations.observe(request.bucket, request.key)
  await applied
  return unwritten ? rememberMissing(parts, context, passing, { askedAt: asked.askedAt, generation }) : passing
}

async function applyToHeld(
  parts: Parts,
  context: ReadContext,
  held: Representation | undefined,
  effect: 'keep' | 'drop' | 'refresh',
  status: number,
  { askedAt }: Asked,
): Promise<void> {
  const { key } = context.read
  if (effect === 'refresh' && held !== undefined) parts.store.refresh(held, askedAt)
  if (effect !== 'drop') return
  // A 412 speaks against what is held only if the client's condition was about it.
  if (status === 412 && !(held !== undefined && ifMatchNames(context, held.etag))) return
  // Fills that began before S3 said so may hold what is no more.
  if (held !== undefined) return parts.invalidator.drop(key, 'outdate')
  parts.generations.bumpKey(key)
  await parts.store.remove(key)
}

function ifMatchNames({ exchange }: ReadContext, etag: string): boolean {
  const value = headerValue(exchange.head.headers, 'if-match')
  const held = parseEntityTag(etag)
  if (value === undefined || held === undefined) return false
  const list = parseEntityTagList(value)
  return list.kind === 'any' || list.tags.some((tag) => strongMatch(tag, held))
}
