import { surveyDirectory } from '@s3proxy/cache-store/inspect'
import type { LoadResult, Provenance } from '../config/load-config.ts'
import { formatOrigin } from '../config/origin.ts'
import type { ConfigProblem } from '../config/problem.ts'
import type { Io } from '../io.ts'
import { formatEffective, redactValue } from './format-effective.ts'
import { type ConfigSelection, exitCodes, loadFor, reportTrouble, selectedFile } from './load.ts'

/** What `s3proxy check` can be told. */
export interface CheckOptions extends ConfigSelection {
  /** Print JSON instead of YAML. Default false. */
  readonly json?: boolean
}

/**
 * Prints the effective configuration with the layer of each value, or everything that is wrong with it. Opens nothing
 * but the files it names, and looks at the cache directory. Returns the exit code.
 */
export async function check(options: CheckOptions, io: Io): Promise<number> {
  const result = await withDirectory(loadFor(options, io))
  if (options.json ?? false) io.stdout.write(`${JSON.stringify(toJson(result), undefined, 2)}\n`)
  else {
    reportTrouble(result, io)
    if (result.kind === 'config') {
      const file = selectedFile(options, io)
      io.stdout.write(`# effective configuration, ${file === undefined ? 'without a file' : `from ${file}`}\n`)
      io.stdout.write(formatEffective(result.provenance))
    }
  }
  return result.kind === 'config' ? exitCodes.ok : exitCodes.usage
}

/**
 * Adds what is wrong with the cache directory: a problem if the proxy would not start with it, a warning if it would serve
 * without it.
 */
async function withDirectory(result: LoadResult): Promise<LoadResult> {
  if (result.kind === 'invalid' || result.config.cache.maxBytes === 0) return result
  const survey = await surveyDirectory(result.config.cache.directory)
  const origin = result.provenance.get('cache.dir')?.origin
  if (survey.kind === 'usable' || origin === undefined) return result
  const problem = { origin, path: 'cache.dir', message: survey.message }
  const isWarning = survey.reason === 'unavailable' || survey.reason === 'unknown-format'
  return isWarning ? { ...result, warnings: [...result.warnings, problem] } : { kind: 'invalid', problems: [problem] }
}

function toJson(result: LoadResult): unknown {
  if (result.kind === 'invalid') return { valid: false, problems: result.problems.map(problemToJson) }
  return {
    valid: true,
    warnings: result.warnings.map(problemToJson),
    values: Object.fromEntries([...result.provenance].map(([path, value]) => [path, valueToJson(value)])),
  }
}

function valueToJson({ raw, origin }: Provenance): unknown {
  return { value: redactValue(raw), layer: origin.kind, origin: formatOrigin(origin) }
}

function problemToJson({ origin, path, message, nearest }: ConfigProblem): unknown {
  return { origin: formatOrigin(origin), path, message, nearest }
}
