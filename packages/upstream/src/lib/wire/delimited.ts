import { malformedError } from '../node-error.ts'

/** Gathers whole lines over as many reads as they come in. */
export interface Delimited {
  /**
   * Looks at `bytes[start, end)`. Returns the offset after the delimiter, `text` then being what came before it; or -1 if
   * all was taken and more is needed. Throws `BadGateway` once more than `maxBytes` have come.
   */
  take(bytes: Buffer, start: number, end: number): number
  /** In latin-1, with the CRLF that ends its last line. */
  readonly text: string
}

/** Ends a line. */
const lineEnd = 2

/** Waits for `delimiter`, the end of a line or a blank one, over and over, each time for `maxBytes` bytes at most. */
export function createDelimited(delimiter: '\r\n' | '\r\n\r\n', maxBytes: number): Delimited {
  const length = delimiter.length
  /** What former reads brought, if they did not bring all. Grows by doubling, so that single bytes cost no more. */
  let held = Buffer.alloc(0)
  let heldBytes = 0
  let text = ''

  const hold = (bytes: Buffer, start: number, end: number): void => {
    const needed = heldBytes + end - start
    if (needed > held.length) {
      const larger = Buffer.allocUnsafe(Math.max(needed, 2 * held.length, 256))
      held.copy(larger, 0, 0, heldBytes)
      held = larger
    }
    bytes.copy(held, heldBytes, start, end)
    heldBytes = needed
  }
  const find = (bytes: Buffer, from: number, end: number): number => {
    const at = bytes.indexOf(delimiter, from, 'latin1')
    return at >= 0 && at + length <= end ? at : -1
  }
  const check = (bytes: number): void => {
    if (bytes > maxBytes) throw malformedError('a line or its head is too long')
  }

  return {
    take(bytes, start, end) {
      if (heldBytes === 0) {
        const at = find(bytes, start, end)
        if (at >= 0) {
          check(at - start)
          text = bytes.toString('latin1', start, at + lineEnd)
          return at + length
        }
        check(end - start)
        hold(bytes, start, end)
        return -1
      }
      const before = heldBytes
      hold(bytes, start, Math.min(end, start + maxBytes + length))
      const at = find(held, Math.max(0, before - length + 1), heldBytes)
      if (at < 0) {
        check(heldBytes)
        return -1
      }
      check(at)
      text = held.toString('latin1', 0, at + lineEnd)
      held = Buffer.alloc(0)
      heldBytes = 0
      return start + at + length - before
    },
    get text() {
      return text
    },
  }
}
