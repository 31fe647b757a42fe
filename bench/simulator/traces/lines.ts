/** Longest line that is looked at, in bytes; longer ones are passed over whole. */
export const maxLineBytes = 64 * 1024

/** Cuts chunks into lines. A line too long is handed out as undefined, once. */
export interface LineCutter {
  feed(chunk: Buffer, onLine: (line: string | undefined) => void): void
  end(onLine: (line: string | undefined) => void): void
}

export function createLineCutter(): LineCutter {
  let parts: Buffer[] = []
  let bytes = 0
  let tooLong = false
  const append = (part: Buffer): void => {
    bytes += part.length
    tooLong ||= bytes > maxLineBytes
    if (tooLong) parts = []
    else if (part.length > 0) parts.push(part)
  }
  const finish = (onLine: (line: string | undefined) => void): void => {
    onLine(tooLong ? undefined : Buffer.concat(parts).toString('latin1').replace(/\r$/, ''))
    parts = []
    bytes = 0
    tooLong = false
  }
  return {
    feed(chunk, onLine) {
      let start = 0
      for (let end = chunk.indexOf(10); end !== -1; end = chunk.indexOf(10, start)) {
        append(chunk.subarray(start, end))
        finish(onLine)
        start = end + 1
      }
      append(chunk.subarray(start))
    },
    end(onLine) {
      if (bytes > 0) finish(onLine)
    },
  }
}
