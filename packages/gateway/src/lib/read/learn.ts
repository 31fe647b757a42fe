import type { Held, Representation } from '@s3proxy/cache-store'
import type { Generation } from '@s3proxy/coordinator'
import { headerValue } from '@s3proxy/protocol'
import type { Parts } from '../parts.ts'
import { isSame } from './view.ts'

/**
 * Whether what S3 just said of a key may become what the cache believes. Two requests in flight can be answered in
 * either order, so an answer is believed only if nothing heard since it was asked for contradicts it; if something
 * does, neither is: the fills that disagree are outdated and what is stored is dropped.
 */
export async function reconcile(
  parts: Parts,
  heard: Representation,
  askedAt: number,
): Promise<'believed' | 'doubtful'> {
  const { key } = heard
  const flights = parts.flights.of(key)
  const held = await currentlyHeld(parts, key)
  const otherFlight = flights.some((flight) => !isSame(flight.representation, heard))
  const otherHeld = held !== undefined && !isSame(held.representation, heard)
  if (otherFlight || (otherHeld && held.validatedAt >= askedAt)) {
    parts.generations.bumpKey(key)
    await parts.store.remove(key)
    return 'doubtful'
  }
  // The old representation becomes unreachable at once, not when the new one is complete.
  if (otherHeld) await parts.store.remove(key)
  return 'believed'
}

/** Takes a HEAD's answer in. */
export async function learnMetadata(
  parts: Parts,
  heard: Representation,
  generation: Generation,
  askedAt: number,
): Promise<void> {
  const guard = (): boolean => parts.generations.isCurrent(generation)
  if (!guard() || (await reconcile(parts, heard, askedAt)) === 'doubtful') return
  const held = await currentlyHeld(parts, heard.key)
  const known = held !== undefined && isSame(held.representation, heard) && hasSameDate(held.representation, heard)
  if (known && (held.representation.checksums || !heard.checksums)) parts.store.refresh(heard.key, heard.etag, askedAt)
  else await parts.store.save(heard, askedAt, guard)
}

async function currentlyHeld(parts: Parts, key: string): Promise<Held | undefined> {
  const found = await parts.store.lookup(key)
  return found.kind === 'held' ? found.held : undefined
}

function hasSameDate(a: Representation, b: Representation): boolean {
  return headerValue(a.headers, 'last-modified') === headerValue(b.headers, 'last-modified')
}
