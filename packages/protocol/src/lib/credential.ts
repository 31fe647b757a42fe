/** The two algorithms of Signature Version 4 by their names on the wire. */
export const v4Algorithms: ReadonlyMap<string, 'v4' | 'v4a'> = new Map([
  ['AWS4-HMAC-SHA256', 'v4'],
  ['AWS4-ECDSA-P256-SHA256', 'v4a'],
])

/** Access key ids of AWS have at most 128 characters, those of other stores hardly more. */
const maxAccessKeyIdLength = 256
const maxScopeLength = 256
/** A head has at most some 32 KiB, and names are signed once. */
const maxSignedHeaders = 256

/** A `Credential`, taken apart. */
export interface Credential {
  readonly accessKeyId: string
  readonly scope: string
}

/**
 * Splits `AKID/20130524/us-east-1/s3/aws4_request` (v4a: no region) from its end, since an access key id of other
 * stores may hold slashes. Undefined if it is not of this form or too long.
 */
export function parseCredential(text: string, scheme: 'v4' | 'v4a'): Credential | undefined {
  if (!text.endsWith('/aws4_request') || text.length > maxAccessKeyIdLength + maxScopeLength) return undefined
  let slash = text.length
  for (let parts = scheme === 'v4' ? 4 : 3; parts > 0; parts--) slash = text.lastIndexOf('/', slash - 1)
  if (slash <= 0 || slash > maxAccessKeyIdLength) return undefined
  const scope = text.slice(slash + 1)
  return isScopeDate(scope) ? { accessKeyId: text.slice(0, slash), scope } : undefined
}

function isScopeDate(scope: string): boolean {
  for (let i = 0; i < 8; i++) {
    const code = scope.charCodeAt(i)
    if (!(code >= 0x30 && code <= 0x39)) return false
  }
  return scope[8] === '/'
}

/** `host;range` as a set of lower-case names; undefined if a name is empty or there are too many. */
export function parseSignedHeaders(text: string): ReadonlySet<string> | undefined {
  const lower = text.toLowerCase()
  const names = new Set<string>()
  for (let start = 0; start <= lower.length; ) {
    const separator = lower.indexOf(';', start)
    const end = separator < 0 ? lower.length : separator
    if (end === start || names.size === maxSignedHeaders) return undefined
    names.add(lower.slice(start, end))
    start = end + 1
  }
  return names
}
