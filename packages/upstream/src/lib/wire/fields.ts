import { malformedError } from '../node-error.ts'

/** Fields in one section at most: far more than any store sends, so that a head of single letters stays cheap. */
const maxFields = 1_000

const tokenChar = 1
const valueChar = 2
/** What each code unit may stand in: `token` (RFC 9110 section 5.6.2), `field-value` (section 5.5), or neither. */
const kinds = new Uint8Array(256).map((_, code) => {
  const isToken = /[!#$%&'*+\-.^_`|~0-9A-Za-z]/.test(String.fromCharCode(code))
  const isValue = code === 9 || (code >= 0x20 && code !== 0x7f)
  return (isToken ? tokenChar : 0) | (isValue ? valueChar : 0)
})
const tab = 9
const lineFeed = 10
const carriageReturn = 13
const space = 32
const colon = 58

/**
 * The field lines of `section` from `start` on, each ended by CRLF, as names and values. In latin-1, without the white
 * space around values. Throws `BadGateway` for anything outside the grammar of RFC 9112 section 5: folded lines, white
 * space before the colon, a bare CR or LF, control characters.
 */
export function parseFields(section: string, start: number): string[] {
  const fields: string[] = []
  let at = start
  while (at < section.length) {
    const nameStart = at
    while (is(tokenChar, section.charCodeAt(at))) at++
    if (at === nameStart || section.charCodeAt(at) !== colon) throw malformedError('a field has no proper name')
    fields.push(section.slice(nameStart, at))
    at++
    while (isBlank(section.charCodeAt(at))) at++
    const valueStart = at
    let valueEnd = at
    for (let code = section.charCodeAt(at); is(valueChar, code); code = section.charCodeAt(++at)) {
      if (!isBlank(code)) valueEnd = at + 1
    }
    if (section.charCodeAt(at) !== carriageReturn || section.charCodeAt(at + 1) !== lineFeed) {
      throw malformedError('a field has characters that do not belong there')
    }
    fields.push(section.slice(valueStart, valueEnd))
    at += 2
    if (fields.length > 2 * maxFields) throw malformedError('it has too many fields')
  }
  return fields
}

function is(kind: number, code: number): boolean {
  return ((kinds[code] ?? 0) & kind) !== 0
}

function isBlank(code: number): boolean {
  return code === space || code === tab
}
