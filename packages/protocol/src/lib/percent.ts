/** The value of a hexadecimal digit, or -1. */
function hexDigit(code: number): number {
  if (code >= 0x30 && code <= 0x39) return code - 0x30
  const lower = code | 0x20
  return lower >= 0x61 && lower <= 0x66 ? lower - 0x57 : -1
}

/**
 * Replaces each `%xx` by its byte, once, and nothing else: `+` stays, `%252F` becomes `%2F`, a broken `%` stays as it
 * is. The result is a *binary string*: one UTF-16 unit per byte, so it is exact for keys that are not UTF-8.
 */
export function percentDecodeOnce(rawPath: string): string {
  let next = rawPath.indexOf('%')
  if (next < 0) return rawPath
  let decoded = ''
  let copied = 0
  while (next >= 0) {
    const high = hexDigit(rawPath.charCodeAt(next + 1))
    const low = hexDigit(rawPath.charCodeAt(next + 2))
    if (high >= 0 && low >= 0) {
      decoded += rawPath.slice(copied, next) + String.fromCharCode(high * 16 + low)
      copied = next + 3
      next = rawPath.indexOf('%', copied)
    } else {
      next = rawPath.indexOf('%', next + 1)
    }
  }
  return decoded + rawPath.slice(copied)
}
