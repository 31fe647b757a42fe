/**
 * A JSON line of the application log for people: `12:34:56.789 WARN  message key=value`, a stack below it. Text that is
 * not such a line stays as it is. Control characters are escaped, so that nothing logged can play with the terminal.
 */
export function prettyLine(line: string): string {
  const entry = parseEntry(line)
  if (entry === undefined) return line
  const { level, time, msg, err, ...fields } = entry
  const details = Object.entries(fields).map(([name, value]) => ` ${name}=${formatValue(value)}`)
  const head = `${String(time).slice(11, 23)} ${String(level).toUpperCase().padEnd(5)} ${escapeControls(String(msg ?? ''))}`
  return `${head}${details.join('')}${formatError(err)}\n`
}

function parseEntry(line: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(line)
    return typeof value === 'object' && value !== null ? { ...value } : undefined
  } catch (error) {
    if (error instanceof SyntaxError) return undefined
    throw error
  }
}

function formatValue(value: unknown): string {
  return typeof value === 'string' && /^[\w./:@+-]+$/.test(value) ? value : escapeControls(JSON.stringify(value))
}

function formatError(error: unknown): string {
  if (typeof error !== 'object' || error === null) return error === undefined ? '' : ` err=${formatValue(error)}`
  const stack = 'stack' in error ? String(error.stack) : JSON.stringify(error)
  return stack
    .split('\n')
    .map((row) => `\n    ${escapeControls(row)}`)
    .join('')
}

function escapeControls(text: string): string {
  return text.replace(
    /[\u0000-\u001f\u007f-\u009f]/g,
    (unit) => `\\x${unit.charCodeAt(0).toString(16).padStart(2, '0')}`,
  )
}
