import { createAwsChunkedDecoder, isAwsChunked, parseDeleteObjects } from '@s3proxy/protocol'
import type { Exchange } from '../exchange.ts'
import type { BodyReader } from './body-targets.ts'

/** Largest DeleteObjects body that is looked into, framing included: 1,000 keys of 1,024 bytes and the markup. */
const maxBytes = 4 << 20

/** Reads which objects a DeleteObjects deletes out of its body, aws-chunked or not. */
export function createListedKeysReader({ head }: Exchange): BodyReader {
  const chunks: Uint8Array[] = []
  const isChunked = isAwsChunked(head.headers)
  let total = 0
  return {
    push(chunk) {
      total += chunk.length
      if (total <= maxBytes) chunks.push(chunk)
      else chunks.length = 0
    },
    end() {
      if (total > maxBytes) return undefined
      const raw = Buffer.concat(chunks)
      const body = isChunked ? decodeChunked(raw) : raw
      const parsed = body === undefined ? undefined : parseDeleteObjects(body)
      return parsed?.kind === 'keys' ? parsed.objects : undefined
    },
  }
}

function decodeChunked(raw: Uint8Array): Uint8Array | undefined {
  const decoder = createAwsChunkedDecoder()
  const parts = decoder.push(raw)
  return decoder.end().kind === 'complete' ? Buffer.concat(parts) : undefined
}
