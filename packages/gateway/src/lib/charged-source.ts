import type { BufferAccount, ByteSource } from '@s3proxy/protocol'

/** `source` with `account` charged for the chunk its reader has, until it ends one way or another. */
export function chargedSource(source: ByteSource, account: BufferAccount): ByteSource {
  const note = (chunk: Uint8Array | null): Uint8Array | null => {
    if (chunk === null) account.close()
    else account.hold(chunk.length)
    return chunk
  }
  const broke = (error: unknown): never => {
    account.close()
    throw error
  }
  return {
    next() {
      try {
        const chunk = source.next()
        return chunk instanceof Promise ? chunk.then(note, broke) : note(chunk)
      } catch (error) {
        return broke(error)
      }
    },
    cancel(reason) {
      account.close()
      source.cancel(reason)
    },
    recycle: (chunk) => source.recycle?.(chunk),
  }
}
