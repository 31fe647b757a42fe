import type { LogFiles } from './log-files.ts'
import { createPendingLines } from './pending-lines.ts'

/** What {@link createLineFile} is made of. */
export interface LineFileOptions {
  /** The file that lines go to at a time (milliseconds since the epoch); asked for each batch. */
  readonly pathAt: (now: number) => string
  readonly now: () => number
  readonly files: LogFiles
  /** Most bytes held in memory while the disk lags; more lines are dropped. */
  readonly maxPendingBytes: number
  /** Called with the number of lines just lost. */
  readonly onDropped: (lines: number) => void
  /** Called when writing begins to fail, once per outage, and when it works again. */
  readonly onOutage: (path: string, reason: string) => void
  readonly onRecovery: (path: string) => void
}

/**
 * Lines on their way to files, in batches: whoever writes never waits, memory is bounded, and what a full or vanished
 * disk does not take is kept until it does or the bound is reached.
 */
export interface LineFile {
  /** Takes a line with its line break. Never throws. */
  write(line: string): void
  /** Bytes held, those on their way included. */
  readonly pendingBytes: number
  /** The last attempt to write failed. */
  readonly failing: boolean
  /** Writes out all that is held, in one attempt. Resolves also when that fails. */
  flush(): Promise<void>
  /** Flushes; lines that still cannot be written, or come later, count as dropped. */
  close(): Promise<void>
}

/** Makes a {@link LineFile}; nothing is made on disk before the first line. */
export function createLineFile(options: LineFileOptions): LineFile {
  const { pathAt, now, files, onDropped } = options
  const pending = createPendingLines(options.maxPendingBytes)
  let failing = false
  let closed = false
  let active = false
  let flushing = Promise.resolve()

  async function writeOut(): Promise<void> {
    try {
      for (let batch = pending.take(); batch !== undefined; batch = pending.take()) {
        const path = pathAt(now())
        const result = await files.append(path, batch.bytesFor(path))
        if (result.kind === 'failed') {
          pending.failed(path, result.written)
          if (!failing) options.onOutage(path, result.reason)
          failing = true
          return
        }
        pending.written()
        if (failing) options.onRecovery(path)
        failing = false
      }
    } finally {
      active = false
    }
  }

  function flush(): Promise<void> {
    if (!active) {
      active = true
      flushing = writeOut()
    }
    return flushing
  }

  return {
    write(line) {
      if (closed || !pending.add(line)) onDropped(1)
    },
    get pendingBytes() {
      return pending.bytes
    },
    get failing() {
      return failing
    },
    flush,
    async close() {
      if (closed) return
      closed = true
      await flush()
      if (pending.lines > 0) onDropped(pending.lines)
    },
  }
}
