import { createAccessLogFormatter } from './access-log-line.ts'
import { accessLogPath, fileNamePart, intervalStart } from './access-log-path.ts'
import { removeOldLogs } from './access-log-retention.ts'
import { createLineFile } from './line-file.ts'
import { type LogFiles, nodeLogFiles } from './log-files.ts'
import type { RequestRecord } from './request-record.ts'

/** Time for the access log; tests give their own. */
export interface LogClock {
  /** Milliseconds since the epoch. */
  now(): number
  setInterval(callback: () => void, periodMs: number): unknown
  clearInterval(timer: unknown): void
}

/** Who is told when the access log cannot be written. A pino logger is one. */
export interface TroubleLog {
  warn(fields: object, message: string): void
  info(fields: object, message: string): void
}

/** What {@link createAccessLog} is made of. */
export interface AccessLogOptions {
  /** Absolute. */
  readonly directory: string
  /** `cached_only`: only requests answered from the cache (`hit`, `revalidated`). */
  readonly mode: 'all' | 'cached_only'
  /** Time until the next file, up to a day; intervals count from midnight UTC. */
  readonly rotationMs: number
  /** Age at which this machine's own files are removed. */
  readonly retentionMs: number
  /** Name of the machine, a part of file names. */
  readonly hostname: string
  /** Told once per outage of the disk. */
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
  /** Writes out what is held, in one attempt. Resolves also when that fails. */
  flush(): Promise<void>
  /** Flushes and stops; lines that still cannot be written, or come later, count as dropped. */
  close(): Promise<void>
}

const flushMs = 1000
const sweepMs = 3_600_000
/** A batch this large does not wait for its second to end; each opens its file anew, which is dear under load. */
const eagerBytes = 2 * 1024 * 1024

/** Opens the access log; nothing is made on disk before the first line. */
export function createAccessLog(options: AccessLogOptions): AccessLog {
  const { directory, rotationMs, retentionMs, log } = options
  const files = options.files ?? nodeLogFiles
  const clock = options.clock ?? systemClock
  const host = fileNamePart(options.hostname)
  const format = createAccessLogFormatter()
  const lines = createLineFile({
    pathAt: (now) => accessLogPath(directory, host, intervalStart(now, rotationMs)),
    now: clock.now,
    files,
    maxPendingBytes: options.maxPendingBytes ?? 8 * 1024 * 1024,
    onDropped: options.onDropped,
    onOutage: (path, reason) => log.warn({ path, reason }, 'the access log cannot be written'),
    onRecovery: (path) => log.info({ path }, 'the access log is written again'),
  })
  let sweeping: Promise<unknown> = Promise.resolve()
  const sweep = () => {
    const now = clock.now()
    sweeping = sweeping.then(() => removeOldLogs({ directory, host, retentionMs, now, files }))
  }
  const timers = [clock.setInterval(() => void lines.flush(), flushMs), clock.setInterval(sweep, sweepMs)]
  sweep()

  return {
    write(record) {
      if (options.mode === 'cached_only' && record.outcome !== 'hit' && record.outcome !== 'revalidated') return
      lines.write(format(record))
      if (lines.pendingBytes >= eagerBytes && !lines.failing) void lines.flush()
    },
    flush: lines.flush,
    async close() {
      for (const timer of timers) clock.clearInterval(timer)
      await Promise.all([lines.close(), sweeping])
    },
  }
}

/** The machine's clock; its timers do not keep the process alive. */
const systemClock: LogClock = {
  now: Date.now,
  setInterval: (callback, periodMs) => setInterval(callback, periodMs).unref(),
  clearInterval: (timer) => clearInterval(timer as NodeJS.Timeout),
}
