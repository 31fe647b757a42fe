/** A line for somebody who waits; nothing if nobody watches. */
export interface Progress {
  say(text: string): void
  clear(): void
}

/** Time between two lines: a terminal is slow. */
const minPauseMs = 100

export function createProgress(stream: NodeJS.WriteStream): Progress {
  let saidAt = Number.NEGATIVE_INFINITY
  return {
    say(text) {
      if (!stream.isTTY || performance.now() - saidAt < minPauseMs) return
      saidAt = performance.now()
      stream.write(`\r\u001b[K${text}`)
    },
    clear() {
      if (stream.isTTY) stream.write('\r\u001b[K')
    },
  }
}
