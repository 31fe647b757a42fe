import type { Answer } from '../answer.ts'
import type { Responder } from '../exchange.ts'
import type { Parts } from '../parts.ts'
import type { ReadContext } from './read.ts'
import type { View } from './view.ts'

/** A client that is not there: nothing is sent, and it never goes away. */
const nobody: Responder = {
  gone: false,
  started: false,
  bytesSent: 0,
  onGone: () => () => undefined,
  informational: () => undefined,
  head: () => undefined,
  write: () => undefined,
  end: () => undefined,
  destroy: () => undefined,
}

/**
 * Asks S3 about what was just served stale, once per key at a time, under the signature of the client that got it. The
 * new bytes, if there are any, are read to their end, so that the cache has them; a failure leaves things as they are.
 */
export function revalidateBehind(parts: Parts, context: ReadContext, view: View, ask: Ask): void {
  const { revalidating } = parts
  const { key } = context.read
  if (revalidating.has(key)) return
  const done = run(parts, context, view, ask).finally(() => revalidating.delete(key))
  revalidating.set(key, done)
}

/** How S3 is asked; see `ask`. */
type Ask = (parts: Parts, context: ReadContext, view: View) => Promise<Answer>

async function run(parts: Parts, context: ReadContext, view: View, ask: Ask): Promise<void> {
  const detached: ReadContext = {
    ...context,
    exchange: { ...context.exchange, responder: nobody, priority: 'revalidation' },
  }
  try {
    const answer = await ask(parts, detached, view)
    if (answer.kind === 'error' || answer.body === undefined) return
    try {
      if (answer.cache.kind !== 'revalidated') while ((await answer.body.next()) !== null);
    } finally {
      // One that broke may hold other sources open.
      answer.body.cancel()
    }
  } catch {
    // S3 could not be asked, or there was no memory for it, which is counted where it is; the next reader tries again.
  }
}
