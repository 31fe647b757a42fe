import { type Representation, sameBytes, sameState } from '@s3proxy/cache-store'
import type { Generation } from '@s3proxy/coordinator'
import type { Parts } from '../parts.ts'
import type { Asked } from './start-flight.ts'

/** What became of something S3 said. `representation` is what to store: as heard, or as held where that says more. */
export type Reconciled =
  | { readonly kind: 'believed'; readonly representation: Representation; readonly isKnown: boolean }
  | { readonly kind: 'doubtful' }

/**
 * Whether what S3 just said of a key may become what the cache believes. Two requests in flight can be answered in
 * either order, so an answer is believed only if nothing heard since it was asked for contradicts it; if something
 * does, neither is: the fills that disagree are outdated and what is stored is dropped.
 */
export async function reconcile(parts: Parts, heard: Representation, askedAt: number): Promise<Reconciled> {
  const { key } = heard
  parts.negative.forget(key)
  const found = await parts.store.lookup(key)
  const held = found.kind === 'held' ? found.held : undefined
  // A copy of an object onto itself changes headers and date under the same ETag: that is another state, too.
  const contradicts = (known: Representation): boolean => !sameState(known, heard)
  const otherFlight = parts.flights.of(key).some((flight) => contradicts(flight.representation))
  const otherHeld = held !== undefined && !sameBytes(held.representation, heard)
  if (otherFlight || (held !== undefined && contradicts(held.representation) && held.validatedAt >= askedAt)) {
    await parts.invalidator.drop(key, 'outdate')
    return { kind: 'doubtful' }
  }
  // The old representation becomes unreachable at once, not when the new one is complete.
  if (otherHeld) await parts.invalidator.drop(key, 'keep')
  const isKnown = held !== undefined && sameState(held.representation, heard)
  const saysMore = isKnown && held.representation.checksums && !heard.checksums
  return {
    kind: 'believed',
    representation: saysMore ? held.representation : heard,
    isKnown: isKnown && (saysMore || held.representation.checksums === heard.checksums),
  }
}

/** Takes a HEAD's answer in. */
export async function learnMetadata(
  parts: Parts,
  heard: Representation,
  generation: Generation,
  askedAt: number,
): Promise<void> {
  const guard = (): boolean => parts.generations.isCurrent(generation)
  if (!guard()) return
  const reconciled = await reconcile(parts, heard, askedAt)
  if (reconciled.kind === 'doubtful') return
  if (reconciled.isKnown) parts.store.refresh(heard, askedAt)
  else await parts.store.save(reconciled.representation, askedAt, guard)
}

/** Takes in where a part lies. True of one state of the object for ever, whatever the object is by now. */
export async function learnPart(
  parts: Parts,
  heard: Representation | undefined,
  { generation, askedAt }: Pick<Asked, 'generation' | 'askedAt'>,
): Promise<void> {
  if (heard === undefined) return
  const found = await parts.store.lookup(heard.key)
  const held = found.kind === 'held' ? found.held.representation : undefined
  const saysAsMuch = held !== undefined && (held.checksums || !heard.checksums)
  if (saysAsMuch && sameState(held, heard)) return
  await parts.store.save(heard, askedAt, () => parts.generations.isCurrent(generation))
}
