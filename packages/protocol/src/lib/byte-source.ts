/**
 * Bytes pulled by exactly one consumer: the form in which bodies travel between packages. A value that is at hand is
 * returned at once and a promise only where the source must wait, so that a hit in memory needs no event-loop turn.
 */
export interface ByteSource {
  /**
   * The next run of bytes (never empty), or null at the clean end. Rejects (or throws) with a `ProxyError` when the
   * source broke; whoever sees that must break its own output too, never end it cleanly. Not called again after null,
   * an error or `cancel`, nor while an earlier call is pending.
   */
  next(): Uint8Array | null | Promise<Uint8Array | null>
  /** Stops early and frees what the source holds. May be called at any time, more than once; never throws. */
  cancel(reason?: unknown): void
  /**
   * Gives back `chunk`, which `next` handed out, whole or any view of it. Only a source that uses its memory again has
   * this, and nobody must call it. Only when nobody will look at the bytes again (a socket has finished with them): they
   * will be overwritten. Also after the end. What the source did not hand out, or was given already, is ignored.
   * A source over another one passes it on, unless it gives a chunk to more than one reader.
   */
  recycle?(chunk: Uint8Array): void
}

/** A source of bytes that are at hand already. */
export function bufferSource(...chunks: readonly Uint8Array[]): ByteSource {
  const queue = chunks.filter((chunk) => chunk.length > 0)
  let index = 0
  return {
    next: () => queue[index++] ?? null,
    cancel: () => {
      index = queue.length
    },
  }
}

/** One source after the other; a failure of any fails the whole, and `cancel` reaches those not yet read. */
export function concatSources(sources: readonly ByteSource[]): ByteSource {
  let index = 0
  const next = (): Uint8Array | null | Promise<Uint8Array | null> => {
    for (;;) {
      const source = sources[index]
      if (source === undefined) return null
      const chunk = source.next()
      if (chunk instanceof Promise) return chunk.then(afterWaiting)
      if (chunk !== null) return chunk
      index++
    }
  }
  const afterWaiting = (chunk: Uint8Array | null): Uint8Array | null | Promise<Uint8Array | null> => {
    if (chunk !== null) return chunk
    index++
    return next()
  }
  return {
    next,
    cancel: (reason) => {
      for (const source of sources.slice(index)) source.cancel(reason)
      index = sources.length
    },
    recycle(chunk) {
      for (const source of sources) source.recycle?.(chunk)
    },
  }
}

/** Reads `source` to its end. Only for bodies known to be small; rejects with RangeError beyond `maxBytes`. */
export async function readAll(source: ByteSource, maxBytes: number): Promise<Uint8Array> {
  const chunks: Uint8Array[] = []
  let total = 0
  for (;;) {
    const chunk = await source.next()
    if (chunk === null) return Buffer.concat(chunks, total)
    total += chunk.length
    if (total > maxBytes) {
      source.cancel()
      throw new RangeError(`body is larger than ${maxBytes} bytes`)
    }
    chunks.push(chunk)
  }
}
