/** `value` without the user name and password of any URL in it. */
export function redactUserInfo(text: string): string {
  return text.replace(/([a-z][a-z0-9+.-]*:\/\/)[^/?#\s"']*@/gi, '$1REDACTED@')
}

/** `value` for a message: JSON on one line, at most 80 characters, passwords in URLs redacted. */
export function showValue(value: unknown): string {
  const text = redactUserInfo(JSON.stringify(value) ?? String(value))
  return text.length <= 80 ? text : `${text.slice(0, 77)}…`
}
