import { minRunBytes, type RangeSpec, type RawHeaders, rangeLength } from '@s3proxy/protocol'
import type { Answer } from '../answer.ts'
import { hitHead } from '../heads.ts'
import type { Parts } from '../parts.ts'
import { type OpenedPieces, openPieces } from './pieces.ts'
import type { ReadContext } from './read.ts'
import { type Piece, planPieces, resolveWanted, type View } from './view.ts'

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
  const finish = (opened: OpenedPieces): Answer | undefined => {
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
      ageSeconds:
        confirmation === undefined ? Math.floor(Math.max(0, parts.now() - view.validatedAt) / 1000) : undefined,
    })
    return {
      kind: 'response',
      head,
      body: read.method === 'HEAD' ? undefined : opened.source,
      cache: { kind: confirmation === undefined ? 'hit' : 'revalidated' },
      objectSize: view.representation.size,
      bytesFromCache: read.method === 'HEAD' ? 0 : rangeLength(wanted.range),
    }
  }
  const { pieces } = covered
  const admitted = pieces.some(takesMemory) ? parts.budget.admit(exchange.priority ?? 'demand', minRunBytes) : undefined
  const open = () => openPieces(parts.store, pieces)
  const opened = admitted === undefined ? open() : admitted.then(open)
  return opened instanceof Promise ? opened.then(finish) : finish(opened)
}

/** What is held in memory is sent from there. */
function takesMemory(piece: Piece): boolean {
  return piece.kind === 'flight' || piece.extent.tier === 'disk'
}
