import type { ByteSource } from '@s3proxy/protocol'
import type { Copy } from './copies.ts'

/**
 * Copies what a reader pulls from `source`, and commits the copy the moment the last byte has been handed out. A reader
 * that leaves early, and a source that breaks, promote nothing.
 */
export function promoting(
  source: ByteSource,
  copy: Copy,
  options: { readonly length: number; readonly validatedAt: number; readonly guard: () => boolean },
): ByteSource {
  const { length, validatedAt, guard } = options
  const take = (chunk: Uint8Array | null): Uint8Array | null => {
    if (chunk === null) copy.drop()
    else if (copy.write(chunk) === length) copy.commit(validatedAt, guard)
    return chunk
  }
  const broke = (error: unknown): never => {
    copy.drop()
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
      copy.drop()
      source.cancel(reason)
    },
    recycle: (chunk) => source.recycle?.(chunk),
  }
}
