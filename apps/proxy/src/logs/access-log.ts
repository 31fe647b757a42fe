import { createAccessLogFormatter } from './access-log-line.ts'
import { accessLogPath, fileNamePart, intervalStart } from './access-log-path.ts'
import { removeOldLogs } from './access-log-retention.ts'
import { type LogFiles, nodeLogFiles } from './log-files.ts'
import { createPendingLines } from './pending-lines.ts'
import type { RequestRecord } from './request-record.ts'

/** Time for the access log; tests give their own. */
export interface LogClock {
  /** Milliseconds since the epoch. */
  now(): number
  setInterval(callback: () => void, periodMs: number): unknown
  clearInterval(timer: unknown): void
}

/** Who is told when the access log cannot be written, once per outage. A pino logger is one. */
export interface TroubleLog {
  warn(fields: object, message: string): void
  info(fields: object, message: string): void
}

/** What {@link createAccessLog} is made of. */
export interface AccessLogOptions {
  /** Absolute. */
  readonly directory: string
  readonly mode: 'all' | 'cached_only'
  /** Time until the next file, up to a day; intervals count from midnight UTC. */
  readonly rotationMs: number
  /** Age at which this machine's own files are removed. */
  readonly retentionMs: number
  /** Name of the machine, a part of file names. */
  readonly hostname: string
  readonly log: TroubleLog
  /** Called with the number of lines just lost. */
  readonly onDropped: (lines: number) => void
  /** Most bytes held in memory while the disk lags; more lines are dropped. Default 8 MiB: some 20,000 lines. */
  readonly maxPendingBytes?: number
  readonly files?: LogFiles
  readonly clock?: LogClock
}

/** The access log of one proxy. */
export interface AccessLog {
  /** Notes a finished request. Synchronous, never throws, never waits for the disk. */
  write(record: RequestRecord): void
  /** Writes out what is held. Resolves also when it could not. */
  flush(): Promise<void>
  /** Flushes and stops; lines that still cannot be written, or come later, count as dropped. */
  close(): Promise<void>
}

const flushMs = 1000
const hourMs = 3_600_000
/** A batch this large does not wait for its second to end. */
const eagerBytes = 256 * 1024

/** Opens the access log; nothing is made on disk before the first line. */
export function createAccessLog(options: AccessLogOptions): AccessLog {
  const { directory, rotationMs, retentionMs, log, onDropped } = options
  const files = options.files ?? nodeLogFiles
  const clock = options.clock ?? systemClock
  const host = fileNamePart(options.hostname)
  const format = createAccessLogFormatter()
  const pending = createPendingLines(options.maxPendingBytes ?? 8 * 1024 * 1024)
  let closed = false
  let failing = false
  let flushing: Promise<void> | undefined
  let nextSweep = clock.now()

  async function writeOut(): Promise<void> {
    const batch = pending.take()
    if (batch === undefined) return
    const path = accessLogPath(directory, host, intervalStart(clock.now(), rotationMs))
    const result = await files.append(path, batch.bytesFor(path))
    if (result.kind === 'written') {
      pending.written()
      if (failing) log.info({ path }, 'the access log is written again')
      failing = false
      return
    }
    pending.failed(path, result.written)
    if (!failing) log.warn({ path, reason: result.reason }, 'the access log cannot be written')
    failing = true
  }

  async function sweep(): Promise<void> {
    const now = clock.now()
    if (now < nextSweep) return
    nextSweep = now + hourMs
    await removeOldLogs({ directory, host, retentionMs, now, files })
  }

  function flush(): Promise<void> {
    flushing ??= writeOut()
      .then(sweep)
      .finally(() => {
        flushing = undefined
      })
    return flushing
  }

  const timer = clock.setInterval(() => void flush(), flushMs)

  return {
    write(record) {
      if (options.mode === 'cached_only' && record.outcome !== 'hit' && record.outcome !== 'revalidated') return
      if (closed || !pending.add(format(record))) onDropped(1)
      else if (pending.bytes >= eagerBytes && !failing) void flush()
    },
    flush,
    async close() {
      if (closed) return
      closed = true
      clock.clearInterval(timer)
      await flushing
      await flush()
      const lost = pending.lines
      if (lost > 0) onDropped(lost)
    },
  }
}

/** The machine's clock; its timer does not keep the process alive. */
const systemClock: LogClock = {
  now: Date.now,
  setInterval: (callback, periodMs) => setInterval(callback, periodMs).unref(),
  clearInterval: (timer) => clearInterval(timer as NodeJS.Timeout),
}
