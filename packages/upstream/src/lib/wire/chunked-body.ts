import { malformedError } from '../node-error.ts'
import { createDelimited } from './delimited.ts'
import { parseFields } from './fields.ts'

/** Takes the coding off a chunked body (RFC 9112 section 7.1), whatever pieces it comes in. */
export interface ChunkedBody {
  /**
   * Reads `bytes[start, end)`. Returns the offset after the end of the body, or -1 if more is to come. Throws
   * `BadGateway` for anything outside the grammar.
   */
  take(bytes: Buffer, start: number, end: number): number
}

/** Receives runs of body bytes. */
export type OnRun = (bytes: Buffer, start: number, end: number) => void

/** Digits and extensions of one chunk. */
const maxLineBytes = 1024
/** Extensions of one body; nobody needs any. */
const maxExtensionBytes = 16_384
const token = "[!#$%&'*+\\-.^_`|~0-9A-Za-z]+"
const quoted = '"(?:[\\t \\x21\\x23-\\x5b\\x5d-\\x7e\\x80-\\xff]|\\\\[\\t \\x21-\\x7e\\x80-\\xff])*"'
const sizeLine = new RegExp(`^([0-9a-fA-F]{1,13})((?:;${token}(?:=(?:${token}|${quoted}))?)*)\\r\\n$`)
const framingFields: ReadonlySet<string> = new Set(['content-length', 'transfer-encoding'])
const carriageReturn = 13
const lineFeed = 10

/** A decoder for one body; trailers are checked and dropped, `maxTrailerBytes` of them at most. */
export function createChunkedBody(onRun: OnRun, maxTrailerBytes: number): ChunkedBody {
  const lines = createDelimited('\r\n', maxLineBytes)
  let state: 'size' | 'data' | 'cr' | 'lf' | 'trailers' = 'size'
  let missing = 0
  let extensionBytes = 0
  let trailerBytes = 0

  const readSize = (): void => {
    const [, size, extensions = ''] = sizeLine.exec(lines.text) ?? []
    if (size === undefined) throw malformedError('a chunk has no proper size')
    extensionBytes += extensions.length
    if (extensionBytes > maxExtensionBytes) throw malformedError('its chunks have too many extensions')
    missing = Number.parseInt(size, 16)
    state = missing === 0 ? 'trailers' : 'data'
  }
  /** Whether the trailers are at their end. */
  const readTrailer = (): boolean => {
    if (lines.text === '\r\n') return true
    trailerBytes += lines.text.length
    if (trailerBytes > maxTrailerBytes) throw malformedError('its trailers are too long')
    const [name = ''] = parseFields(lines.text, 0)
    if (framingFields.has(name.toLowerCase())) throw malformedError('a trailer speaks of framing')
    return false
  }

  return {
    take(bytes, start, end) {
      let at = start
      while (at < end) {
        if (state === 'data') {
          const runEnd = Math.min(end, at + missing)
          onRun(bytes, at, runEnd)
          missing -= runEnd - at
          at = runEnd
          if (missing === 0) state = 'cr'
        } else if (state === 'cr' || state === 'lf') {
          const expected = state === 'cr' ? carriageReturn : lineFeed
          if (bytes[at] !== expected) throw malformedError('a chunk is longer than its size')
          state = state === 'cr' ? 'lf' : 'size'
          at++
        } else {
          at = lines.take(bytes, at, end)
          if (at < 0) return -1
          if (state === 'size') readSize()
          else if (readTrailer()) return at
        }
      }
      return -1
    },
  }
}
