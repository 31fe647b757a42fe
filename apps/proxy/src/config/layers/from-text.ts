import { parse } from 'yaml'
import { malformed, type Reading, read } from '../reading.ts'
import type { SettingForm } from '../setting.ts'
import { showValue } from '../show-value.ts'

/** Longest value that an environment variable or a flag may hold. */
const maxLength = 64 * 1024

/**
 * The plain data that `text` of an environment variable or a flag stands for, by the form of its key. `null` means
 * none for single values; lists are `a,b` or `[a, b]`; mappings are YAML on one line, JSON included.
 */
export function fromText(form: SettingForm, text: string): Reading<unknown> {
  if (text.length > maxLength) return malformed(`is longer than ${maxLength} characters`)
  if (form === 'text' || form === 'path') return read(text === 'null' ? null : text)
  const trimmed = text.trim()
  if (form === 'list' && !trimmed.startsWith('[')) {
    return read(trimmed === '' ? [] : trimmed.split(',').map((item) => item.trim()))
  }
  try {
    return read(parse(trimmed, { logLevel: 'silent', maxAliasCount: 0, schema: 'core' }))
  } catch (error) {
    const example = form === 'list' ? '[a, b]' : '{a: b}'
    const cause = error instanceof Error ? (error.message.split('\n')[0] ?? '') : ''
    return malformed(`${showValue(text)} is not YAML on one line such as ${example} (${cause})`)
  }
}
