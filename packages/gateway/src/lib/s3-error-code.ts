import type { ByteSource } from '@s3proxy/protocol'
import { tapSource } from './tap-source.ts'

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
  const source = tapSource(body, (chunk) => {
    const wanted = Math.min(chunk.length, maxBytes - seen.length)
    if (wanted > 0) seen += Buffer.from(chunk.buffer, chunk.byteOffset, wanted).toString('latin1')
  })
  return { source, code: () => /<Code>([A-Za-z0-9.]{1,64})<\/Code>/.exec(seen)?.[1] }
}
