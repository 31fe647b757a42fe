import type { Config } from '../config/config.ts'
import type { LoadedConfig } from '../config/load-config.ts'
import { type ConfigProblem, formatProblem } from '../config/problem.ts'
import { changedSettings } from './changed-settings.ts'
import type { ConfigSource } from './config-source.ts'
import { sameStamp } from './file-stamp.ts'

/** How what is in force compares with what was last read. */
export type ConfigState =
  /** It is the same. */
  | 'current'
  /** Some settings take effect at the next start only. */
  | 'restart-needed'
  /** What was read has mistakes, and what was in force before still is. */
  | 'rejected'

/** Writes one line of the log. */
type Log = (fields: object, message: string) => void

/** What {@link createReloader} is made of. */
export interface ReloaderOptions {
  readonly source: ConfigSource
  /** Puts the settings that can change live in force. */
  readonly apply: (config: Config) => void
  /**
   * Puts settings in force that need new worker processes; resolves to whether that worked. Default: they wait for a
   * restart.
   */
  readonly roll?: (config: Config) => Promise<boolean>
  /** Told each time the configuration was read again. Default: nobody. */
  readonly onReload?: ((state: ConfigState) => void) | undefined
  readonly log: { readonly debug: Log; readonly info: Log; readonly warn: Log; readonly error: Log }
}

/** Keeps what is in force together with the configuration file. Calls follow each other; none rejects. */
export interface Reloader {
  /** Reads the configuration now. */
  reload(): Promise<void>
  /**
   * Reads it if the file has changed since it was read, and no more since the last look: what is still being written is
   * left alone.
   */
  poll(): Promise<void>
  readonly state: ConfigState
}

/** More mistakes than this are counted, not told. */
const maxProblems = 100

/** Makes a {@link Reloader} for what `source` gave first. */
export function createReloader({ source, apply, roll, onReload, log }: ReloaderOptions): Reloader {
  const { loaded: started } = source
  let inForce = started
  /** What the workers run with. */
  let rolled = started
  let state: ConfigState = 'current'
  let read = source.stamped
  let seen = source.stamped
  let last: Promise<void> = Promise.resolve()

  const queue = (work: () => Promise<void>): Promise<void> => {
    last = last
      .then(work)
      .catch((error: unknown) => log.error({ err: error }, 'reading the configuration again failed'))
    return last
  }

  async function take(cause: 'signal' | 'file'): Promise<void> {
    const result = source.load()
    if (result.kind === 'invalid') {
      state = 'rejected'
      tellProblems(result.problems)
      onReload?.(state)
      return
    }
    const live = changedSettings('live', inForce, result)
    const scopes = roll === undefined ? (['workers', 'supervisor'] as const) : (['supervisor'] as const)
    const restart = scopes.flatMap((scope) => changedSettings(scope, started, result))
    const workers = roll === undefined ? [] : changedSettings('workers', rolled, result)
    if (live.length > 0) {
      apply(result.config)
      log.info({ cause, changed: live, rules: result.config.rules.length }, 'the configuration was reloaded')
    } else {
      const quiet = cause === 'file' && state === 'current' && restart.length + workers.length === 0
      log[quiet ? 'debug' : 'info']({ cause }, 'the configuration was read again: nothing to change live')
    }
    if (restart.length > 0) log.warn({ settings: restart }, 'changed settings wait for a restart')
    if (live.length + restart.length + workers.length > 0) tellWarnings(result)
    inForce = result
    const isRolled = roll === undefined || workers.length === 0 || (await rollTo(result, roll, workers))
    state = restart.length > 0 || !isRolled ? 'restart-needed' : 'current'
    onReload?.(state)
  }

  async function rollTo(
    result: LoadedConfig,
    roll: (config: Config) => Promise<boolean>,
    changed: readonly string[],
  ): Promise<boolean> {
    log.info({ changed }, 'replacing the workers, since settings have changed')
    const isRolled = await roll(result.config)
    if (isRolled) rolled = result
    return isRolled
  }

  function tellProblems(problems: readonly ConfigProblem[]): void {
    log.error({ problems: problems.length }, 'the configuration has mistakes; the one in force stays')
    for (const problem of problems.slice(0, maxProblems)) {
      log.error({ problem: formatProblem(problem) }, 'the configuration was not reloaded')
    }
  }

  function tellWarnings({ warnings }: LoadedConfig): void {
    for (const warning of warnings) log.warn({ warning: formatProblem(warning) }, 'a doubtful setting')
  }

  return {
    reload: () =>
      queue(async () => {
        const now = await source.stamp()
        if (now.kind === 'none') log.info({}, 'there is no configuration file to read again')
        else if (now.kind === 'stream') log.warn({}, 'the configuration cannot be read again: it is no regular file')
        else {
          read = seen = now
          await take('signal')
        }
      }),
    poll: () =>
      queue(async () => {
        const now = await source.stamp()
        const settled = sameStamp(now, seen)
        seen = now
        if (!settled || sameStamp(now, read) || now.kind === 'none' || now.kind === 'stream') return
        read = now
        await take('file')
      }),
    get state() {
      return state
    },
  }
}
