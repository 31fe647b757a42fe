import { resolve } from 'node:path'
import { configFileVariable } from '../config/layers/environment.ts'
import type { FlagValue } from '../config/layers/flags.ts'
import { type InvalidConfig, type LoadResult, loadConfig } from '../config/load-config.ts'
import { formatProblem } from '../config/problem.ts'
import type { Io } from '../io.ts'
import type { ConfigSource } from '../reload/config-source.ts'
import { stampFile } from '../reload/file-stamp.ts'

/** Exit status of every command. */
export const exitCodes = {
  /** Done, or stopped as asked. */
  ok: 0,
  /** It could not start or go on (a port in use, a directory that cannot be written). */
  failed: 1,
  /** The command line or the configuration is wrong; nothing was started. */
  usage: 2,
} as const

/** What all commands take. */
export interface ConfigSelection {
  readonly file: string | undefined
  readonly flags: readonly FlagValue[]
}

/** Loads the configuration of the process `io` stands for. */
export function loadFor({ file, flags }: ConfigSelection, io: Io): LoadResult {
  return loadConfig({ file, flags, env: io.env, cwd: io.cwd, ...homeOf(io) })
}

function homeOf({ env }: Io): { home?: string } {
  const home = env['HOME']
  return home === undefined || home === '' ? {} : { home }
}

/** The file that is read, for people; undefined if there is none. */
export function selectedFile({ file }: ConfigSelection, io: Io): string | undefined {
  return file ?? io.env[configFileVariable]
}

/** Loads the configuration like {@link loadFor}, together with what it takes to read it again. */
export async function openConfig(selection: ConfigSelection, io: Io): Promise<ConfigSource | InvalidConfig> {
  const file = selectedFile(selection, io)
  const stamp = () => stampFile(file === undefined ? undefined : resolve(io.cwd, file))
  const stamped = await stamp() // before it is read, so that no change goes unseen
  const loaded = loadFor(selection, io)
  return loaded.kind === 'invalid'
    ? loaded
    : { kind: 'source', loaded, stamped, stamp, load: () => loadFor(selection, io) }
}

/** Writes warnings or problems to standard error, one line each. */
export function reportTrouble(result: LoadResult, io: Io): void {
  if (result.kind === 'config') {
    for (const warning of result.warnings) io.stderr.write(`warning: ${formatProblem(warning)}\n`)
    return
  }
  const count = result.problems.length
  io.stderr.write(`s3proxy: the configuration has ${count === 1 ? 'a problem' : `${count} problems`}:\n`)
  for (const problem of result.problems) io.stderr.write(`  ${formatProblem(problem)}\n`)
}
