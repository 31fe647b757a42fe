import { join } from 'node:path'
import { type Logger, pino, stdSerializers } from 'pino'
import type { LogLevel } from '../config/config.ts'
import type { Io } from '../io.ts'
import { fileNamePart } from './access-log-path.ts'
import { appLogName, removeOldAppLogs } from './app-log-retention.ts'
import { createLineFile } from './line-file.ts'
import { type LogFiles, nodeLogFiles } from './log-files.ts'
import { prettyLine } from './pretty-line.ts'
import { redactLine } from './redact-line.ts'

/** What {@link createAppLog} is made of. */
export interface AppLogOptions {
  readonly level: LogLevel
  /** Directory for one file a day. Undefined: standard error. */
  readonly directory: string | undefined
  /** Age at which this machine's own files in `directory` are removed, whole days. Default: they stay. */
  readonly retentionMs?: number | undefined
  /** Name of the machine, a part of file names. */
  readonly hostname: string
  /** Readable lines on a terminal, JSON elsewhere. */
  readonly stderr: Io['stderr']
  /** Milliseconds since the epoch. Default: the system's clock. */
  readonly now?: () => number
  readonly files?: LogFiles
}

/** The application log: what the proxy has to say about itself. */
export interface AppLog {
  readonly logger: Logger
  /** Writes out what is held and closes the file. Resolves also when that fails. */
  close(): Promise<void>
}

/**
 * Makes the application log. Every line passes {@link redactLine}, so that no Authorization header, signature, token or
 * password is written whoever logs it.
 */
export function createAppLog(options: AppLogOptions): AppLog {
  const now = options.now ?? Date.now
  const sink = openSink(options, now)
  const logger = pino(
    {
      level: options.level,
      base: null,
      timestamp: () => `,"time":"${new Date(now()).toISOString()}"`,
      formatters: { level: (label) => ({ level: label }) },
      serializers: { err: stdSerializers.err, error: stdSerializers.err },
    },
    { write: (line: string) => sink.write(redactLine(line)) },
  )
  return { logger, close: sink.close }
}

/** Where lines of JSON end up. */
interface LineSink {
  write(line: string): void
  close(): Promise<void>
}

/** Beyond this many bytes that the disk has not taken, lines are dropped. */
const maxPendingBytes = 4 * 1024 * 1024

function openSink(options: AppLogOptions, now: () => number): LineSink {
  const { directory, hostname, retentionMs, stderr, files = nodeLogFiles } = options
  if (directory === undefined) {
    const format = stderr.isTTY ? prettyLine : (line: string) => line
    return { write: (line) => stderr.write(format(line)), close: () => Promise.resolve() }
  }
  const host = fileNamePart(hostname)
  const tell = (message: string) => stderr.write(`s3proxy: ${message}\n`)
  let dropped = 0
  let day = ''
  const lines = createLineFile({
    pathAt(at) {
      const today = new Date(at).toISOString().slice(0, 10)
      // With a new day, what is too old goes; trouble with that is left for the next.
      if (today !== day && retentionMs !== undefined) {
        void removeOldAppLogs({ directory, host, before: new Date(at - retentionMs).toISOString().slice(0, 10), files })
      }
      day = today
      return join(directory, appLogName(today, host))
    },
    now,
    files,
    maxPendingBytes,
    onDropped: (count) => {
      dropped += count
    },
    onOutage: (path, reason) => tell(`cannot write the log ${path}: ${reason}`),
    onRecovery: (path) => tell(`the log ${path} is written again, ${dropped} lines were lost`),
  })
  return {
    write(line) {
      lines.write(line)
      void lines.flush()
    },
    close: lines.close,
  }
}
