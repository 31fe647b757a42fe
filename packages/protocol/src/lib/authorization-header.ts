import { parseCredential, parseSignedHeaders, v4Algorithms } from './credential.ts'
import { ownText } from './own-text.ts'
import type { Authorization } from './sigv4.ts'

/** S3 accepts 8 KiB of headers in all. */
const maxLength = 8192
/** There are three. */
const maxFields = 16

interface Remembered {
  /** The value up to its signature. */
  readonly own: string
  readonly authorization: Authorization
}

/** What was read lately, by all of the value but the signature: that is the same for a day. */
const remembered = new Map<string, Remembered>()
const maxRemembered = 256
/** The one met last: a look tells whether it is that again, without a key of so many bytes. */
let last: Remembered | undefined
const maxRememberedLength = 1024
const signatureMark = 'Signature='

/** Reads the value of an `Authorization` field. */
export function parseAuthorizationHeader(value: string): Authorization {
  if (last !== undefined && isAgain(value, last.own)) return last.authorization
  const signature = signatureStart(value)
  if (signature === undefined) return read(value)
  const known = remembered.get(value.slice(0, signature))
  if (known !== undefined) {
    last = known
    return known.authorization
  }
  // All that is kept is cut out of this, not out of the head, which would stay with it, the signature too.
  const own = ownText(value.slice(0, signature))
  const parsed = read(`${own}0`)
  if (parsed.kind !== 'header') return parsed
  if (remembered.size >= maxRemembered) remembered.clear()
  last = { own, authorization: parsed }
  remembered.set(own, last)
  return parsed
}

/** Whether `value` is `own`, which ends before a signature, and a signature. */
function isAgain(value: string, own: string): boolean {
  return (
    value.length > own.length &&
    value.length <= maxRememberedLength &&
    value.slice(0, own.length) === own &&
    value.indexOf(',', own.length) === -1
  )
}

/** Where the signature begins if it is the last field of a version 4, as usual: of it only matters that it is there. */
function signatureStart(value: string): number | undefined {
  if (value.length > maxRememberedLength || !value.startsWith('AWS4-')) return undefined
  const mark = value.lastIndexOf(signatureMark)
  const start = mark + signatureMark.length
  if (mark === -1 || start === value.length || value.indexOf(',', start) !== -1) return undefined
  let before = mark - 1
  while (value[before] === ' ') before--
  return value[before] === ',' ? start : undefined
}

function read(value: string): Authorization {
  if (value.length > maxLength) return malformed('the Authorization field is too long')
  const space = value.indexOf(' ')
  // Without a scheme the whole value may be a secret, so nothing of it is kept.
  if (space <= 0) return malformed('the Authorization field has no scheme')
  const name = value.slice(0, space)
  const scheme = v4Algorithms.get(name)
  if (scheme !== undefined) return parseV4(value.slice(space + 1), scheme)
  if (name === 'AWS') return parseV2(value.slice(space + 1))
  return isSchemeName(name)
    ? { kind: 'other', scheme: name.toLowerCase() }
    : malformed('the Authorization field has no scheme')
}

/** `Credential=…,SignedHeaders=…,Signature=…` in any order, with or without spaces; unknown names are passed over. */
function parseV4(text: string, scheme: 'v4' | 'v4a'): Authorization {
  let credentialText: string | undefined
  let signedText: string | undefined
  let hasSignature = false
  let fields = 0
  for (let start = 0, end = 0; start < text.length; start = end + 1) {
    if (++fields > maxFields) return malformed('too many fields')
    const comma = text.indexOf(',', start)
    end = comma < 0 ? text.length : comma
    while (text[start] === ' ') start++
    if (text.startsWith('Credential=', start)) {
      if (credentialText !== undefined) return malformed('Credential is given twice')
      credentialText = text.slice(start + 11, end).trimEnd()
    } else if (text.startsWith('SignedHeaders=', start)) {
      if (signedText !== undefined) return malformed('SignedHeaders is given twice')
      signedText = text.slice(start + 14, end).trimEnd()
    } else if (text.startsWith('Signature=', start)) {
      if (hasSignature) return malformed('Signature is given twice')
      hasSignature = end > start + 10
    }
  }
  if (!hasSignature) return malformed('Signature is missing')
  const credential = parseCredential(credentialText ?? '', scheme)
  if (credential === undefined) return malformed('Credential is missing or malformed')
  const signedHeaders = parseSignedHeaders(signedText ?? '')
  if (signedHeaders === undefined) return malformed('SignedHeaders is missing or malformed')
  return { kind: 'header', scheme, accessKeyId: credential.accessKeyId, scope: credential.scope, signedHeaders }
}

/** `AKID:signature`; the signature is base64 and holds no colon. */
function parseV2(text: string): Authorization {
  const colon = text.lastIndexOf(':')
  if (colon <= 0 || colon > 256 || colon === text.length - 1) return malformed('not an access key id and a signature')
  return { kind: 'header', scheme: 'v2', accessKeyId: text.slice(0, colon).trim() }
}

/** The schemes in use are short words of letters, digits and dashes. */
function isSchemeName(name: string): boolean {
  return name.length <= 32 && /^[A-Za-z][A-Za-z0-9-]*$/.test(name)
}

function malformed(reason: string): Authorization {
  return { kind: 'malformed', reason }
}
