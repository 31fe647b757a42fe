/** `text` without the user name and password of any URL in it. */
export function redactUserInfo(text: string): string {
  if (!text.includes('@')) return text
  // Every run is bounded, so that no text makes this slow.
  return text.replace(/([a-z][a-z0-9+.-]{0,20}:\/\/)[^/?#\s"']{0,1024}@/gi, '$1REDACTED@')
}

/** `value` for a message: JSON on one line, at most 80 characters, passwords in URLs redacted. */
export function showValue(value: unknown): string {
  const text = redactUserInfo(JSON.stringify(value) ?? String(value))
  return text.length <= 80 ? text : `${text.slice(0, 77)}…`
}
