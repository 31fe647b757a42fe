import type { ByteSource } from '@s3proxy/protocol'

/** A source that may want its chunks back; see `recycle` in `@s3proxy/cache-store`. */
interface MaybeRecycling extends ByteSource {
  recycle?(chunk: Uint8Array): void
}

/**
 * `source`, whose every wait is bounded by `bounded`: one that hangs breaks, as its contract wants of one that fails, and
 * is cancelled. What is at hand passes untouched.
 */
export function guardSource(source: ByteSource, bounded: <T>(promise: Promise<T>) => Promise<T>): ByteSource {
  const inner: MaybeRecycling = source
  const stop = (error: unknown): never => {
    inner.cancel(error)
    throw error
  }
  return {
    next() {
      const chunk = inner.next()
      return chunk instanceof Promise ? bounded(chunk).catch(stop) : chunk
    },
    cancel: (reason) => inner.cancel(reason),
    ...(inner.recycle === undefined ? undefined : { recycle: (chunk: Uint8Array) => inner.recycle?.(chunk) }),
  }
}
