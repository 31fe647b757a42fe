import type { ByteSource } from '@s3proxy/protocol'

/** Bytes of an error document that are looked at; the code stands near its beginning. */
const maxBytes = 1024

/** An answer's body, and the S3 error code found in what has passed of it. */
export interface WatchedBody {
  readonly source: ByteSource
  readonly code: () => string | undefined
}

/** Watches an error's body on its way to the client for the `<Code>` the access log wants. */
export function watchErrorCode(body: ByteSource): WatchedBody {
  let seen = ''
  const note = (chunk: Uint8Array | null): Uint8Array | null => {
    if (chunk !== null && seen.length < maxBytes) {
      seen += Buffer.from(chunk.buffer, chunk.byteOffset, Math.min(chunk.length, maxBytes - seen.length)).toString(
        'latin1',
      )
    }
    return chunk
  }
  return {
    source: {
      next() {
        const chunk = body.next()
        return chunk instanceof Promise ? chunk.then(note) : note(chunk)
      },
      cancel: (reason) => body.cancel(reason),
    },
    code: () => /<Code>([A-Za-z0-9.]{1,64})<\/Code>/.exec(seen)?.[1],
  }
}
