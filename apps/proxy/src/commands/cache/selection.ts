import { malformed, type Reading, read } from '../../config/reading.ts'
import { compileGlob, type Glob } from '../../glob/glob.ts'
import { parseGlob } from '../../glob/glob-pattern.ts'

/** Which objects a command is about. */
export interface Selection {
  /** Whether the object called `subject` (`bucket/key`, a binary string) is meant. */
  includes(subject: string): boolean
}

/** Everything. */
export const everything: Selection = { includes: () => true }

/**
 * Reads what was named on the command line, each a pattern over `bucket/key` as in a rule. `s3://` in front is allowed; a
 * bucket alone, or a name that ends with a slash, stands for all in it. `exact`: the names are taken as they are, and no
 * pattern.
 */
export function parseSelection(names: readonly string[], exact: boolean): Reading<Selection> {
  const globs: Glob[] = []
  const subjects = new Set<string>()
  for (const name of names) {
    const bare = bareName(name)
    if (exact) {
      if (!bare.includes('/')) return malformed(`${JSON.stringify(name)} is not bucket/key`)
      subjects.add(Buffer.from(bare, 'utf8').toString('latin1'))
      continue
    }
    const parsed = parseGlob(patternOf(bare))
    if (parsed.kind === 'malformed') return malformed(`${JSON.stringify(name)} ${parsed.message}`)
    globs.push(compileGlob(parsed.value))
  }
  return read({ includes: (subject) => subjects.has(subject) || globs.some((glob) => glob.matches(subject)) })
}

/** `name` without `s3://`. */
export function bareName(name: string): string {
  return name.startsWith('s3://') ? name.slice('s3://'.length) : name
}

function patternOf(name: string): string {
  if (name.endsWith('/')) return `${name}**`
  return name.includes('/') || name.includes('**') ? name : `${name}/**`
}
