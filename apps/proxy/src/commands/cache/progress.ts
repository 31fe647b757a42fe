import type { Io } from '../../io.ts'

/** A line on standard error that says how far a long command has come; nothing where nobody looks. */
export interface Progress {
  /** `share` from 0 to 1; `note` is made only if it is shown. */
  at(share: number, note: () => string): void
  /** Takes the line away, before anything else is written. */
  clear(): void
}

/** Milliseconds between two looks of the line. */
const stepMs = 100
const barCells = 24

/** A bar if standard error is a terminal. */
export function createProgress(io: Io, now: () => number): Progress {
  if (!io.stderr.isTTY) return { at: () => undefined, clear: () => undefined }
  let shownAt = Number.NEGATIVE_INFINITY
  let shown = false
  return {
    at(share, note) {
      if (now() - shownAt < stepMs) return
      shownAt = now()
      shown = true
      const full = Math.round(share * barCells)
      const bar = '█'.repeat(full) + '░'.repeat(barCells - full)
      io.stderr.write(`\r\x1b[K${bar} ${String(Math.floor(share * 100)).padStart(3)}%  ${note()}`)
    },
    clear() {
      if (shown) io.stderr.write('\r\x1b[K')
      shown = false
    },
  }
}
