import { getServers } from 'node:dns'
import { homedir } from 'node:os'
import { resolve } from 'node:path'
import { parseCaBundle } from '@s3proxy/upstream'
import { type CheckedAssignment, checkAssignment, type PathBase } from './check-assignment.ts'
import { findClashes } from './clashes.ts'
import type { Config } from './config.ts'
import type { Environment } from './expand.ts'
import { defaultsLayer } from './layers/defaults.ts'
import { configFileVariable, environmentLayer } from './layers/environment.ts'
import { fileLayer, maxFileBytes } from './layers/file.ts'
import { type FlagValue, flagsLayer } from './layers/flags.ts'
import type { Assignment, Layer } from './layers/layer.ts'
import type { ValueOrigin } from './origin.ts'
import type { ConfigProblem } from './problem.ts'
import { type ReadText, readConfigFile } from './read-config-file.ts'
import { resolveConfig } from './resolve-config.ts'
import { schema, settings } from './schema.ts'
import { nestValues } from './setting.ts'
import { findWarnings, type Warning } from './warnings.ts'

/** What {@link loadConfig} reads from. */
export interface LoadOptions {
  /** The YAML file, relative to `cwd`. Default: what `S3PROXY_CONFIG` names, else none. */
  readonly file?: string | undefined
  readonly env: Environment
  /** Values from the command line, in order. */
  readonly flags: readonly FlagValue[]
  /** Absolute. Relative paths in every layer are relative to it. */
  readonly cwd: string
  /** What `~` stands for. Default: the user's home directory. */
  readonly home?: string
  readonly readText?: ReadText
  /** Default: those Node found in the system's configuration. */
  readonly systemDnsServers?: () => readonly string[]
}

/** Where an effective value comes from. */
export interface Provenance {
  /** As written, `${NAME}` and `~` expanded and paths absolute. May hold a secret from the environment. */
  readonly raw: unknown
  /** As understood: equal for `60s` and `1m`. */
  readonly value: unknown
  readonly origin: ValueOrigin
}

/** A configuration that is right. */
export interface LoadedConfig {
  readonly kind: 'config'
  readonly config: Config
  readonly warnings: readonly ConfigProblem[]
  /** By dotted path, every effective key, in the order of the schema. */
  readonly provenance: ReadonlyMap<string, Provenance>
}

/** Everything that is wrong with one; at least one problem. */
export interface InvalidConfig {
  readonly kind: 'invalid'
  readonly problems: readonly ConfigProblem[]
}

export type LoadResult = LoadedConfig | InvalidConfig

/**
 * Reads every layer (defaults < file < environment < flags), checks every value of each, even one that a later layer
 * overrides, and gives the whole configuration or everything that is wrong with it. Never throws for bad input.
 */
export function loadConfig(options: LoadOptions): LoadResult {
  const layers = [defaultsLayer(), readFileLayer(options), environmentLayer(options.env), flagsLayer(options.flags)]
  const problems = layers.flatMap((layer) => layer.problems)
  const base: PathBase = { cwd: options.cwd, home: options.home ?? homedir() }
  const warnings = new Map<string, ConfigProblem>()
  const values = new Map<string, unknown>()
  const effective = new Map<string, { readonly assignment: Assignment; readonly raw: unknown }>()

  for (const assignment of layers.flatMap((layer) => layer.assignments)) {
    const checked: CheckedAssignment = checkAssignment(assignment, base)
    const { path, origin } = assignment
    if (checked.kind === 'invalid') problems.push(...checked.problems)
    else if (checked.kind === 'value') {
      values.set(path, checked.value)
      effective.set(path, { assignment, raw: checked.raw })
    } else if (checked.warning === undefined) warnings.delete(path)
    else warnings.set(path, { origin, path, message: checked.warning })
  }
  if (problems.length > 0) return { kind: 'invalid', problems }

  const config = resolveConfig(nestValues(schema, values), {
    systemDnsServers: options.systemDnsServers ?? getServers,
  })
  const placed = ({ path, inside = [], message }: Warning): ConfigProblem => {
    const assignment = effective.get(path)?.assignment
    const origin = inside.length === 0 ? assignment?.origin : assignment?.locate(inside)
    return { origin: origin ?? { kind: 'default' }, path: [path, ...inside].join('.'), message }
  }
  const clashes = [...findClashes(config).map(placed), ...missingFiles(config, options).map(placed)]
  if (clashes.length > 0) return { kind: 'invalid', problems: clashes }
  return {
    kind: 'config',
    config,
    warnings: [...warnings.values(), ...findWarnings(config).map(placed)],
    provenance: new Map(
      [...settings.keys()].map((path) => {
        const found = effective.get(path)
        const origin = found?.assignment.origin ?? { kind: 'default' }
        return [path, { raw: found?.raw, value: values.get(path), origin }]
      }),
    ),
  }
}

function readFileLayer({ file: given, env, cwd, readText = readConfigFile }: LoadOptions): Layer {
  const file = given ?? env[configFileVariable]
  if (file === undefined) return { assignments: [], problems: [] }
  const text = readText(resolve(cwd, file), maxFileBytes)
  if (text.kind === 'value') return fileLayer(file, text.value, env)
  const origin: ValueOrigin =
    given === undefined ? { kind: 'environment', name: configFileVariable } : { kind: 'flag', flag: '--config' }
  return { assignments: [], problems: [{ origin, path: '', message: `${file} ${text.message}` }] }
}

/** Largest bundle of CA certificates, bytes: that of an operating system is a quarter of it. */
const maxCaBytes = 1024 * 1024

function missingFiles({ upstream }: Config, { readText = readConfigFile }: LoadOptions): ConfigTrouble[] {
  if (upstream.caFile === undefined) return []
  const text = readText(upstream.caFile, maxCaBytes)
  if (text.kind === 'malformed') return [{ path: 'upstream.ca_file', message: text.message }]
  const bundle = parseCaBundle(text.value)
  return bundle.kind === 'certificates' ? [] : [{ path: 'upstream.ca_file', message: `is no use: ${bundle.reason}` }]
}

interface ConfigTrouble {
  readonly path: string
  readonly message: string
}
