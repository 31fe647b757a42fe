/** Most characters of one field of a log line. */
const maxFieldLength = 16 * 1024

/**
 * `text` for between double quotes: quotes, backslashes, control characters and everything beyond ASCII as `\xHH` (or
 * `\uHHHH`), as nginx does it. No reader meets a quote or a line break that is not the log's own.
 */
export function escapeQuoted(text: string): string {
  const bounded = text.length <= maxFieldLength ? text : `${text.slice(0, maxFieldLength)}...`
  return /^[ !#-[\]-~]*$/.test(bounded) ? bounded : bounded.replace(/[^ !#-[\]-~]/g, escapeUnit)
}

/** `text` as a field without quotes: as {@link escapeQuoted}, and spaces too. Empty becomes `-`. */
export function escapeToken(text: string): string {
  if (text === '') return '-'
  const escaped = escapeQuoted(text)
  return escaped.includes(' ') ? escaped.replaceAll(' ', '\\x20') : escaped
}

/** A binary string (one UTF-16 unit per byte) percent-encoded, slashes kept. */
export function percentEncodeKey(key: string): string {
  return /^[A-Za-z0-9\-._~/]*$/.test(key)
    ? key
    : key.replace(/[^A-Za-z0-9\-._~/]/g, (unit) => `%${hex(unit.charCodeAt(0) & 0xff, 2)}`)
}

function escapeUnit(unit: string): string {
  const code = unit.charCodeAt(0)
  return code <= 0xff ? `\\x${hex(code, 2)}` : `\\u${hex(code, 4)}`
}

function hex(value: number, digits: number): string {
  return value.toString(16).toUpperCase().padStart(digits, '0')
}
