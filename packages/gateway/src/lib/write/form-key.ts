import { createFormKeyReader, headerValue } from '@s3proxy/protocol'
import type { Exchange } from '../exchange.ts'
import type { BodyReader } from './body-targets.ts'

/** Reads which object a form upload writes out of the fields before its file. */
export function createFormReader({ head }: Exchange): BodyReader {
  const reader = createFormKeyReader(headerValue(head.headers, 'content-type') ?? '')
  return {
    push: (chunk) => void reader.push(chunk),
    end() {
      const found = reader.end()
      return found.kind === 'key' ? [{ key: found.key }] : undefined
    },
  }
}
