import type { ByteSource } from '@s3proxy/protocol'
import type { MemoryWriter } from './memory/memory-writer.ts'

/**
 * Copies what a reader pulls from `source` into `writer`, and commits it the moment the last byte has been handed out.
 * A reader that leaves early, and a source that breaks, promote nothing.
 */
export function promoting(
  source: ByteSource,
  writer: MemoryWriter,
  options: { readonly length: number; readonly validatedAt: number; readonly guard: () => boolean },
): ByteSource {
  const { length, validatedAt, guard } = options
  const take = (chunk: Uint8Array | null): Uint8Array | null => {
    if (chunk === null) {
      writer.abort()
      return null
    }
    writer.writeNow(chunk)
    if (writer.written === length) writer.commitNow(validatedAt, guard)
    return chunk
  }
  const broke = (error: unknown): never => {
    writer.abort()
    throw error
  }
  return {
    next() {
      try {
        const chunk = source.next()
        return chunk instanceof Promise ? chunk.then(take, broke) : take(chunk)
      } catch (error) {
        return broke(error)
      }
    },
    cancel(reason) {
      writer.abort()
      source.cancel(reason)
    },
    recycle: (chunk) => source.recycle?.(chunk),
  }
}
