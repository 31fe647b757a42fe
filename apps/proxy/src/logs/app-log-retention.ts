import { join } from 'node:path'
import type { LogFiles } from './log-files.ts'

/** The name of a day's application log; `day` as YYYY-MM-DD in UTC. */
export function appLogName(day: string, host: string): string {
  return `s3proxy-${day}-${host}.log`
}

/** What {@link removeOldAppLogs} needs. */
export interface AppLogRetention {
  readonly directory: string
  /** Only files of this machine are touched. */
  readonly host: string
  /** Files of earlier days go; YYYY-MM-DD. */
  readonly before: string
  readonly files: LogFiles
}

/** Removes this machine's application log files of earlier days; whatever has another name stays. */
export async function removeOldAppLogs({ directory, host, before, files }: AppLogRetention): Promise<void> {
  const { files: names } = await files.list(directory)
  for (const name of names) {
    const [, day] = /^s3proxy-(\d{4}-\d\d-\d\d)-/.exec(name) ?? []
    if (day !== undefined && day < before && name === appLogName(day, host))
      await files.removeFile(join(directory, name))
  }
}
