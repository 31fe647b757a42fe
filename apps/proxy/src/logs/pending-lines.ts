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
/** UTF-8 needs no more for one unit of a string. */
const maxBytesPerUnit = 3
/** Some hundred lines of an access log. */
const firstBytes = 64 * 1024

/** Makes an empty {@link PendingLines} of at most `maxBytes`. */
export function createPendingLines(maxBytes: number): PendingLines {
  /** Lines are put into bytes as they come: keeping them as text until then costs more than writing them. */
  let waiting: Buffer | undefined
  let waitingBytes = 0
  let waitingLines = 0
  let taken: Buffer = Buffer.alloc(0)
  let takenLines = 0
  /** The file whose last line was cut short. */
  let torn: string | undefined
  let prefixBytes = 0

  return {
    get bytes() {
      return waitingBytes + taken.length
    },
    get lines() {
      return waitingLines + takenLines
    },
    add(line) {
      const held = waitingBytes + taken.length
      const mostBytes = line.length * maxBytesPerUnit
      if (held + mostBytes > maxBytes && held + Buffer.byteLength(line) > maxBytes) return false
      if (waiting === undefined || waitingBytes + mostBytes > waiting.length) {
        const larger = Buffer.allocUnsafeSlow(Math.max(firstBytes, 2 * waitingBytes, waitingBytes + mostBytes))
        if (waiting !== undefined) larger.set(waiting.subarray(0, waitingBytes))
        waiting = larger
      }
      waitingBytes += waiting.write(line, waitingBytes)
      waitingLines += 1
      return true
    },
    take() {
      if (waiting !== undefined && waitingLines > 0) {
        const added = waiting.subarray(0, waitingBytes)
        taken = taken.length === 0 ? added : Buffer.concat([taken, added])
        takenLines += waitingLines
        waiting = undefined
        waitingBytes = 0
        waitingLines = 0
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
