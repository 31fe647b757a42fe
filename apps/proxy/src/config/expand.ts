import { malformed, type Reading, read } from './reading.ts'

/** Environment variables, as in `process.env`. */
export type Environment = Readonly<Record<string, string | undefined>>

/**
 * `text` with each `${NAME}` replaced by that environment variable. `$$` is a dollar sign; a `$` before anything else
 * stays. A variable that is not set is an error: an empty one must be set to nothing on purpose.
 */
export function expandVariables(text: string, env: Environment): Reading<string> {
  let trouble: string | undefined
  const expanded = text.replace(/\$\$|\$\{([^}]*)\}|\$\{/g, (found, name: string | undefined) => {
    if (found === '$$') return '$'
    if (name === undefined || !/^[A-Za-z_][A-Za-z0-9_]*$/.test(name)) {
      trouble ??= `holds a \${ that is not a variable; write \${NAME}, or $\${ for the characters themselves`
      return found
    }
    const value = Object.hasOwn(env, name) ? env[name] : undefined
    if (value === undefined) trouble ??= `needs the environment variable ${name}, which is not set`
    return value ?? ''
  })
  return trouble === undefined ? read(expanded) : malformed(trouble)
}

/** Every text inside `raw` (lists and mappings included, not the keys) with its variables expanded. */
export function expandAll(raw: unknown, env: Environment): Reading<unknown> {
  if (typeof raw === 'string') return expandVariables(raw, env)
  if (typeof raw !== 'object' || raw === null) return read(raw)
  const entries: [string, unknown][] = []
  for (const [key, value] of Object.entries(raw)) {
    const expanded = expandAll(value, env)
    if (expanded.kind === 'malformed') return expanded
    entries.push([key, expanded.value])
  }
  return read(Array.isArray(raw) ? entries.map(([, value]) => value) : Object.fromEntries(entries))
}

/** `path` with a leading `~` replaced by `home`. `~name` is refused: it would become a directory of that name. */
export function expandHome(path: string, home: string): Reading<string> {
  if (path === '~') return read(home)
  if (path.startsWith('~/')) return read(`${home.replace(/\/+$/, '')}${path.slice(1)}`)
  if (path.startsWith('~')) return malformed(`starts with ~name, which is not expanded; write the whole path`)
  return read(path)
}
