/** A batch on its way to the disk. */
export interface Batch {
  /** The bytes to append to the file `path`. */
  bytesFor(path: string): Uint8Array
}

/** Lines that wait for the disk, within a bound. */
export interface PendingLines {
  /** Bytes held, those on their way included. */
  readonly bytes: number
  /** Lines held, those on their way included. */
  readonly lines: number
  /** Takes a line with its line break; false when it does not fit. */
  add(line: string): boolean
  /** The next batch: first what failed, then what came since. Undefined if there is none. */
  take(): Batch | undefined
  /** The batch taken last is on disk. */
  written(): void
  /** The batch taken last failed after `written` bytes of it had reached `path`: the rest stays for the next one. */
  failed(path: string, written: number): void
}

const lineBreak = 0x0a

/** Makes an empty {@link PendingLines} of at most `maxBytes`. */
export function createPendingLines(maxBytes: number): PendingLines {
  let waiting: string[] = []
  let waitingBytes = 0
  let taken = Buffer.alloc(0)
  let takenLines = 0
  /** The file whose last line was cut short. */
  let torn: string | undefined
  let prefixBytes = 0

  return {
    get bytes() {
      return waitingBytes + taken.length
    },
    get lines() {
      return waiting.length + takenLines
    },
    add(line) {
      const size = Buffer.byteLength(line)
      if (waitingBytes + taken.length + size > maxBytes) return false
      waiting.push(line)
      waitingBytes += size
      return true
    },
    take() {
      if (waiting.length > 0) {
        const added = Buffer.from(waiting.join(''))
        taken = taken.length === 0 ? added : Buffer.concat([taken, added])
        takenLines += waiting.length
        waiting = []
        waitingBytes = 0
      }
      if (taken.length === 0) return undefined
      const bytes = taken
      return {
        bytesFor(path) {
          prefixBytes = torn === path ? 1 : 0
          return prefixBytes === 0 ? bytes : Buffer.concat([Buffer.of(lineBreak), bytes])
        },
      }
    },
    written() {
      taken = Buffer.alloc(0)
      takenLines = 0
      torn = undefined
    },
    failed(path, written) {
      const done = written - prefixBytes
      if (done < 0) return
      // Whole lines are done with, one that lacks only its line break too; one cut short is written again on its own.
      const kept = taken[done] === lineBreak ? done + 1 : done === 0 ? 0 : taken.lastIndexOf(lineBreak, done - 1) + 1
      torn = kept === done ? undefined : path
      takenLines -= countLineBreaks(taken.subarray(0, kept))
      taken = taken.subarray(kept)
    },
  }
}

function countLineBreaks(bytes: Uint8Array): number {
  let count = 0
  for (const byte of bytes) if (byte === lineBreak) count += 1
  return count
}
