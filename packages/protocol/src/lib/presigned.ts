import { parseCredential, parseSignedHeaders, v4Algorithms } from './credential.ts'
import type { QueryParameter } from './query.ts'
import type { Authorization } from './sigv4.ts'
import { utcInstant } from './utc-instant.ts'

/** S3's limit for presigned URLs of version 4: seven days. */
const maxExpiresSeconds = 604_800

/** The parameters that make up a signature in the query; version 4 names in lower case, for some clients send them so. */
const fields: ReadonlySet<string> = new Set([
  'x-amz-algorithm',
  'x-amz-credential',
  'x-amz-date',
  'x-amz-expires',
  'x-amz-signedheaders',
  'x-amz-signature',
  'AWSAccessKeyId',
  'Expires',
  'Signature',
])

/** `X-Amz-…` in any case becomes lower case; the names of version 2 are case-sensitive and stay. */
function fieldName(name: string): string {
  return name.length > 6 && name[1] === '-' ? name.toLowerCase() : name
}

/** Whether the query holds a signature of any version, complete or not. `Expires` alone is none. */
export function isPresigned(query: readonly QueryParameter[]): boolean {
  for (const { name } of query) {
    switch (fieldName(name)) {
      case 'x-amz-signature':
      case 'x-amz-credential':
      case 'x-amz-algorithm':
      case 'Signature':
      case 'AWSAccessKeyId':
        return true
    }
  }
  return false
}

/** Reads the signature of a presigned URL. */
export function parsePresigned(query: readonly QueryParameter[]): Authorization {
  const found = new Map<string, string>()
  for (const { name, value } of query) {
    const field = fieldName(name)
    if (!fields.has(field)) continue
    if (found.has(field)) return malformed('a parameter of the signature is given twice')
    found.set(field, value ?? '')
  }
  const v2 = found.has('Signature') || found.has('AWSAccessKeyId')
  const v4 = found.has('x-amz-signature') || found.has('x-amz-credential') || found.has('x-amz-algorithm')
  if (v2 && v4) return malformed('signatures of two versions')
  return v2 ? presignedV2(found) : presignedV4(found)
}

function presignedV4(found: ReadonlyMap<string, string>): Authorization {
  const scheme = v4Algorithms.get(found.get('x-amz-algorithm') ?? '')
  if (scheme === undefined) return malformed('X-Amz-Algorithm is missing or unknown')
  if (!found.get('x-amz-signature')) return malformed('X-Amz-Signature is missing')
  const credential = parseCredential(found.get('x-amz-credential') ?? '', scheme)
  if (credential === undefined) return malformed('X-Amz-Credential is missing or malformed')
  const signedHeaders = parseSignedHeaders(found.get('x-amz-signedheaders') ?? '')
  if (signedHeaders === undefined) return malformed('X-Amz-SignedHeaders is missing or malformed')
  const signedAt = parseBasicDate(found.get('x-amz-date') ?? '')
  if (signedAt === undefined) return malformed('X-Amz-Date is missing or malformed')
  const expires = found.get('x-amz-expires') ?? ''
  if (!/^\d{1,6}$/.test(expires) || Number(expires) > maxExpiresSeconds) {
    return malformed('X-Amz-Expires is missing or not within 7 days')
  }
  const expiresAt = signedAt + Number(expires) * 1000
  return { kind: 'presigned', scheme, ...credential, signedHeaders, signedAt, expiresAt }
}

function presignedV2(found: ReadonlyMap<string, string>): Authorization {
  const accessKeyId = found.get('AWSAccessKeyId') ?? ''
  if (accessKeyId === '' || accessKeyId.length > 256) return malformed('AWSAccessKeyId is missing or too long')
  if (!found.get('Signature')) return malformed('Signature is missing')
  const expires = found.get('Expires') ?? ''
  if (!/^\d{1,12}$/.test(expires)) return malformed('Expires is missing or malformed')
  return { kind: 'presigned', scheme: 'v2', accessKeyId, expiresAt: Number(expires) * 1000 }
}

const basicDate = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/

/** `20130524T000000Z` as milliseconds since the epoch; undefined if it is no such instant. */
function parseBasicDate(text: string): number | undefined {
  const match = basicDate.exec(text)
  if (match === null) return undefined
  const [year, month, day, hours, minutes, seconds] = match.slice(1).map(Number) as [
    number,
    number,
    number,
    number,
    number,
    number,
  ]
  return utcInstant(year, month - 1, day, hours, minutes, seconds)
}

function malformed(reason: string): Authorization {
  return { kind: 'malformed', reason }
}
