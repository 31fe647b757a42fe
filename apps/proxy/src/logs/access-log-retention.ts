import { join } from 'node:path'
import { parseAccessLogName } from './access-log-path.ts'
import type { LogFiles } from './log-files.ts'

/** What {@link removeOldLogs} needs. */
export interface RetentionOptions {
  readonly directory: string
  /** Only files of this machine are touched. */
  readonly host: string
  /** Files whose interval had begun this long or longer before `now` go. */
  readonly retentionMs: number
  /** Milliseconds since the epoch. */
  readonly now: number
  readonly files: LogFiles
}

/**
 * Removes this machine's own files that are too old, and day, month and year directories that are empty then. Anything
 * whose place or name is not the access log's own stays. Gives the number of files removed.
 */
export async function removeOldLogs({ directory, host, retentionMs, now, files }: RetentionOptions): Promise<number> {
  const limit = now - retentionMs
  const oldestDay = new Date(limit).toISOString().slice(0, 10)
  let removed = 0

  async function visit(path: string, date: readonly string[]): Promise<void> {
    const { files: names, directories } = await files.list(path)
    if (date.length < 3) {
      const digits = date.length === 0 ? /^\d{4}$/ : /^\d\d$/
      for (const name of directories.filter((part) => digits.test(part)).sort()) {
        const next = [...date, name]
        // A whole year, month or day after the limit holds nothing old.
        if (next.join('-') <= oldestDay.slice(0, next.join('-').length)) await visit(join(path, name), next)
      }
    } else {
      for (const name of names) {
        const startedAt = parseAccessLogName(name, host)
        if (startedAt !== undefined && startedAt <= limit && (await files.removeFile(join(path, name)))) removed += 1
      }
    }
    if (date.length > 0 && date.join('-') < oldestDay.slice(0, date.join('-').length))
      await files.removeEmptyDirectory(path)
  }

  await visit(directory, [])
  return removed
}
