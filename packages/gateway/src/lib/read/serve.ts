import { minRunBytes, type RangeSpec, type RawHeaders, rangeLength } from '@s3proxy/protocol'
import type { Answer } from '../answer.ts'
import { hitHead } from '../heads.ts'
import { HitHead } from '../hit-head.ts'
import type { Parts } from '../parts.ts'
import { createGoOn } from './go-on.ts'
import { type OpenedPieces, openPieces } from './pieces.ts'
import type { ReadContext } from './read.ts'
import { type Piece, planPieces, resolveWanted, type View, type Wanted } from './view.ts'

/**
 * The answer to a read out of a view, or undefined if the view does not hold all of it (any more). `confirmation` is
 * S3's 304 to this request, if it was asked. Throws or rejects as SlowDown if there is no memory to send it.
 */
export function serve(
  parts: Parts,
  context: ReadContext,
  view: View,
  range: RangeSpec | undefined,
  confirmation: RawHeaders | undefined,
): Answer | undefined | Promise<Answer | undefined> {
  const { exchange, read } = context
  const wanted = resolveWanted(view.representation.size, range)
  if (wanted.kind === 'unsatisfiable') return undefined
  // A HEAD needs no bytes, only the range they would have.
  const covered = read.method === 'HEAD' ? { kind: 'covered' as const, pieces: [] } : planPieces(view, wanted.range)
  if (covered.kind === 'gaps') return undefined
  const plan = { wanted, confirmation, pieces: covered.pieces }
  // No function of its own here: on a hit in memory nothing waits, and nothing is made for waiting.
  if (covered.pieces.some(takesMemory)) {
    const admitted = parts.budget.admit(exchange.priority ?? 'demand', minRunBytes)
    if (admitted !== undefined) return openAdmitted(parts, context, view, plan, admitted)
  }
  const opened = open(parts, context, view, plan)
  return opened instanceof Promise
    ? answerLater(parts, context, view, plan, opened)
    : answerWith(parts, context, view, plan, opened)
}

/** What is to be sent. */
interface Plan {
  readonly wanted: Wanted & { readonly kind: 'wanted' }
  readonly confirmation: RawHeaders | undefined
  readonly pieces: readonly Piece[]
}

function open(parts: Parts, context: ReadContext, view: View, { pieces }: Plan): OpenedPieces | Promise<OpenedPieces> {
  const goOn = pieces.some(isFlight) ? createGoOn(parts, context, view.representation) : undefined
  return openPieces(parts.store, pieces, goOn)
}

async function openAdmitted(
  parts: Parts,
  context: ReadContext,
  view: View,
  plan: Plan,
  admitted: Promise<void>,
): Promise<Answer | undefined> {
  await admitted
  return answerLater(parts, context, view, plan, open(parts, context, view, plan))
}

async function answerLater(
  parts: Parts,
  context: ReadContext,
  view: View,
  plan: Plan,
  opened: OpenedPieces | Promise<OpenedPieces>,
): Promise<Answer | undefined> {
  const pieces = await opened
  return answerWith(parts, { ...context, lookedAt: parts.now() }, view, plan, pieces)
}

function answerWith(
  parts: Parts,
  { exchange, read, lookedAt }: ReadContext,
  view: View,
  { wanted, confirmation }: Plan,
  opened: OpenedPieces,
): Answer | undefined {
  if (opened.kind === 'lost') return undefined
  const head = hitHead({
    representation: view.representation,
    wanted: wanted.range,
    partial: wanted.partial,
    wantsChecksums: read.wantsChecksums,
    part: read.part?.known,
    overrides: read.overrides,
    confirmation,
    requestId: exchange.requestId,
    ageSeconds: confirmation === undefined ? Math.floor(Math.max(0, lookedAt - view.validatedAt) / 1000) : undefined,
  })
  if (head instanceof HitHead && head.preparedBytes > 0) parts.store.attach(view.representation, head.preparedBytes)
  return {
    kind: 'response',
    head,
    body: read.method === 'HEAD' ? undefined : opened.source,
    cache: { kind: confirmation === undefined ? 'hit' : 'revalidated' },
    objectSize: view.representation.size,
    bytesFromCache: read.method === 'HEAD' ? 0 : rangeLength(wanted.range),
  }
}

function isFlight(piece: Piece): boolean {
  return piece.kind === 'flight'
}

/** What is held in memory is sent from there. */
function takesMemory(piece: Piece): boolean {
  return piece.kind === 'flight' || piece.extent.tier === 'disk'
}
