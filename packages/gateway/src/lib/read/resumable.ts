import { type ByteRange, type ByteSource, castsDoubt } from '@s3proxy/protocol'
import type { GoOn } from './pieces.ts'

/**
 * `source`, which has the bytes of `range`; should it break, the rest comes from where `goOn` finds it, unless
 * what it had is in doubt.
 */
export function resumable(source: ByteSource, range: ByteRange, goOn: GoOn): ByteSource {
  let current = source
  let position = range.start
  let isCancelled = false
  const note = (chunk: Uint8Array | null): Uint8Array | null => {
    position += chunk?.length ?? 0
    return chunk
  }
  const broke = async (error: unknown): Promise<Uint8Array | null> => {
    const rest = isCancelled || castsDoubt(error) ? undefined : await goOn({ start: position, end: range.end })
    if (rest === undefined) throw error
    current = rest
    if (isCancelled) rest.cancel()
    return isCancelled ? null : next()
  }
  const next = (): Uint8Array | null | Promise<Uint8Array | null> => {
    // What goes on is resumable itself.
    if (current !== source) return current.next()
    try {
      const chunk = source.next()
      return chunk instanceof Promise ? chunk.then(note, broke) : note(chunk)
    } catch (error) {
      return broke(error)
    }
  }
  return {
    next,
    cancel(reason) {
      isCancelled = true
      current.cancel(reason)
    },
    recycle(chunk) {
      source.recycle?.(chunk)
      if (current !== source) current.recycle?.(chunk)
    },
  }
}
