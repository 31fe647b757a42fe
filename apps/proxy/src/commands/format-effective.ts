import { parse } from 'yaml'
import type { Provenance } from '../config/load-config.ts'
import { formatOrigin } from '../config/origin.ts'
import { redactUserInfo } from '../config/show-value.ts'

/** Lines longer than this do not push the comments of the others to the right. */
const maxAligned = 56

/**
 * The configuration as YAML that reads back as the same, each value followed by a comment with its layer. Passwords in
 * URLs are redacted.
 */
export function formatEffective(provenance: ReadonlyMap<string, Provenance>): string {
  const lines: { readonly text: string; readonly comment: string }[] = []
  let open: readonly string[] = []
  for (const [path, { raw, origin }] of provenance) {
    const parts = path.split('.')
    const sections = parts.slice(0, -1)
    const shared = sections.findIndex((name, depth) => open[depth] !== name)
    for (let depth = shared < 0 ? sections.length : shared; depth < sections.length; depth += 1) {
      lines.push({ text: `${'  '.repeat(depth)}${sections[depth]}:`, comment: '' })
    }
    open = sections
    const name = `${'  '.repeat(sections.length)}${parts.at(-1)}:`
    const value = redactValue(raw)
    if (isListOfMappings(value)) {
      lines.push({ text: name, comment: formatOrigin(origin) })
      for (const item of value) lines.push({ text: `${'  '.repeat(parts.length)}- ${formatYaml(item)}`, comment: '' })
    } else lines.push({ text: `${name} ${formatYaml(value)}`, comment: formatOrigin(origin) })
  }
  const width = Math.max(...lines.map(({ text }) => (text.length <= maxAligned ? text.length : 0)))
  return lines
    .map(({ text, comment }) => (comment === '' ? `${text}\n` : `${text.padEnd(width)}  # ${comment}\n`))
    .join('')
}

/** One that is read more easily with an item on each line. */
function isListOfMappings(value: unknown): value is readonly object[] {
  return Array.isArray(value) && value.length > 0 && value.every((item) => typeof item === 'object' && item !== null)
}

/** `raw` with the passwords of all URLs in it replaced. */
export function redactValue(raw: unknown): unknown {
  if (typeof raw === 'string') return redactUserInfo(raw)
  if (Array.isArray(raw)) return raw.map(redactValue)
  if (typeof raw !== 'object' || raw === null) return raw
  return Object.fromEntries(Object.entries(raw).map(([key, value]) => [key, redactValue(value)]))
}

/** Plain data as YAML on one line. */
function formatYaml(value: unknown): string {
  if (typeof value === 'string') return formatText(value.replaceAll('$', '$$$$'))
  if (Array.isArray(value)) return `[${value.map(formatYaml).join(', ')}]`
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  const entries = Object.entries(value).map(([key, inner]) => `${formatText(key)}: ${formatYaml(inner)}`)
  return entries.length === 0 ? '{}' : `{ ${entries.join(', ')} }`
}

function formatText(text: string): string {
  return /^[A-Za-z0-9/][A-Za-z0-9/._+-]*$/.test(text) && parse(text, { schema: 'core' }) === text
    ? text
    : JSON.stringify(text)
}
