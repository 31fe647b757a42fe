import { type ByteSource, createAwsChunkedDecoder, isAwsChunked } from '@s3proxy/protocol'
import type { Exchange } from '../exchange.ts'

/** Largest DeleteObjects body that is looked into: 1,000 keys of 1,024 bytes, each byte as an entity, and the markup. */
const maxBytes = 8 << 20

/** A body that is read along while it goes up. */
export interface CapturedBody {
  readonly source: ByteSource | undefined
  /** What has gone up so far, decoded; undefined if it is too large or its framing is broken. */
  readonly bytes: () => Uint8Array | undefined
}

/** Keeps a copy of a small request body. The bytes that go up are not touched. */
export function captureBody({ body, head }: Exchange): CapturedBody {
  if (body === undefined) return { source: undefined, bytes: () => undefined }
  const chunks: Uint8Array[] = []
  let total = 0
  const decode = isAwsChunked(head.headers)
  const note = (chunk: Uint8Array): void => {
    total += chunk.length
    if (total <= maxBytes) chunks.push(chunk)
    else chunks.length = 0
  }
  const source: ByteSource = {
    next() {
      const chunk = body.next()
      if (!(chunk instanceof Promise)) {
        if (chunk !== null) note(chunk)
        return chunk
      }
      return chunk.then((bytes) => {
        if (bytes !== null) note(bytes)
        return bytes
      })
    },
    cancel: (reason) => body.cancel(reason),
  }
  return {
    source,
    bytes() {
      if (total > maxBytes) return undefined
      const raw = Buffer.concat(chunks)
      return decode ? decodeChunked(raw) : raw
    },
  }
}

function decodeChunked(raw: Uint8Array): Uint8Array | undefined {
  try {
    const decoder = createAwsChunkedDecoder()
    const parts = decoder.push(raw)
    return decoder.end().kind === 'complete' ? Buffer.concat(parts) : undefined
  } catch {
    // Not the framing the head announced: S3 will say so; what it may have deleted is unknown.
    return undefined
  }
}
