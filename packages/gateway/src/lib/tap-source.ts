import type { ByteSource } from '@s3proxy/protocol'

/** `source`, with `onChunk` told of every chunk that passes. */
export function tapSource(source: ByteSource, onChunk: (chunk: Uint8Array) => void): ByteSource {
  const note = (chunk: Uint8Array | null): Uint8Array | null => {
    if (chunk !== null) onChunk(chunk)
    return chunk
  }
  return {
    next() {
      const chunk = source.next()
      return chunk instanceof Promise ? chunk.then(note) : note(chunk)
    },
    cancel: (reason) => source.cancel(reason),
    recycle: (chunk) => source.recycle?.(chunk),
  }
}

/** `source`, with `then` called when it has ended cleanly. */
export function onEnd(source: ByteSource, then: () => void): ByteSource {
  const note = (chunk: Uint8Array | null): Uint8Array | null => {
    if (chunk === null) then()
    return chunk
  }
  return {
    next() {
      const chunk = source.next()
      return chunk instanceof Promise ? chunk.then(note) : note(chunk)
    },
    cancel: (reason) => source.cancel(reason),
    recycle: (chunk) => source.recycle?.(chunk),
  }
}
