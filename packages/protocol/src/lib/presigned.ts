import { isAmzName } from './amz-name.ts'
import { parseCredential, parseSignedHeaders, v4Algorithms } from './credential.ts'
import type { QueryParameter } from './query.ts'
import type { Authorization } from './sigv4.ts'
import { utcInstant } from './utc-instant.ts'

/** S3's limit for presigned URLs of version 4: seven days. */
const maxExpiresSeconds = 604_800

/** The parameters that make up a signature in the query. */
interface Fields {
  algorithm?: string
  credential?: string
  date?: string
  expires?: string
  signedHeaders?: string
  signature?: string
  v2AccessKeyId?: string
  v2Expires?: string
  v2Signature?: string
}

const v4Members: readonly (readonly [name: string, member: keyof Fields])[] = [
  ['X-Amz-Algorithm', 'algorithm'],
  ['X-Amz-Credential', 'credential'],
  ['X-Amz-Date', 'date'],
  ['X-Amz-Expires', 'expires'],
  ['X-Amz-SignedHeaders', 'signedHeaders'],
  ['X-Amz-Signature', 'signature'],
]
const members: ReadonlyMap<string, keyof Fields> = new Map([
  ...v4Members,
  ...v4Members.map(([name, member]) => [name.toLowerCase(), member] as const),
  ['AWSAccessKeyId', 'v2AccessKeyId'],
  ['Expires', 'v2Expires'],
  ['Signature', 'v2Signature'],
])

/** The names of version 4 may come in any case, some clients send them in lower case; those of version 2 may not. */
function memberOf(name: string): keyof Fields | undefined {
  return members.get(name) ?? (isAmzName(name) ? members.get(name.toLowerCase()) : undefined)
}

/** Whether the query holds a signature of any version, complete or not. A date or a time of expiry alone is none. */
export function isPresigned(query: readonly QueryParameter[]): boolean {
  for (const { name } of query) {
    switch (memberOf(name)) {
      case 'algorithm':
      case 'credential':
      case 'signature':
      case 'v2AccessKeyId':
      case 'v2Signature':
        return true
    }
  }
  return false
}

/** Reads the signature of a presigned URL. */
export function parsePresigned(query: readonly QueryParameter[]): Authorization {
  const fields: Fields = {}
  for (const { name, value } of query) {
    const member = memberOf(name)
    if (member === undefined) continue
    if (fields[member] !== undefined) return malformed('a parameter of the signature is given twice')
    fields[member] = value ?? ''
  }
  const isV2 = fields.v2Signature !== undefined || fields.v2AccessKeyId !== undefined
  const isV4 = (fields.signature ?? fields.credential ?? fields.algorithm) !== undefined
  if (isV2 && isV4) return malformed('signatures of two versions')
  return isV2 ? presignedV2(fields) : presignedV4(fields)
}

function presignedV4(fields: Fields): Authorization {
  const scheme = v4Algorithms.get(fields.algorithm ?? '')
  if (scheme === undefined) return malformed('X-Amz-Algorithm is missing or unknown')
  if (!fields.signature) return malformed('X-Amz-Signature is missing')
  const credential = parseCredential(fields.credential ?? '', scheme)
  if (credential === undefined) return malformed('X-Amz-Credential is missing or malformed')
  const signedHeaders = parseSignedHeaders(fields.signedHeaders ?? '')
  if (signedHeaders === undefined) return malformed('X-Amz-SignedHeaders is missing or malformed')
  const signedAt = parseBasicDate(fields.date ?? '')
  if (signedAt === undefined) return malformed('X-Amz-Date is missing or malformed')
  const expires = fields.expires ?? ''
  if (!/^\d{1,6}$/.test(expires) || Number(expires) > maxExpiresSeconds) {
    return malformed('X-Amz-Expires is missing or not within 7 days')
  }
  const { accessKeyId, scope } = credential
  const expiresAt = signedAt + Number(expires) * 1000
  return { kind: 'presigned', scheme, accessKeyId, scope, signedHeaders, signedAt, expiresAt }
}

function presignedV2(fields: Fields): Authorization {
  const accessKeyId = fields.v2AccessKeyId ?? ''
  if (accessKeyId === '' || accessKeyId.length > 256) return malformed('AWSAccessKeyId is missing or too long')
  if (!fields.v2Signature) return malformed('Signature is missing')
  const expires = fields.v2Expires ?? ''
  if (!/^\d{1,12}$/.test(expires)) return malformed('Expires is missing or malformed')
  return { kind: 'presigned', scheme: 'v2', accessKeyId, expiresAt: Number(expires) * 1000 }
}

/** `20130524T000000Z` as milliseconds since the epoch; undefined if it is no such instant. */
function parseBasicDate(text: string): number | undefined {
  if (!/^\d{8}T\d{6}Z$/.test(text)) return undefined
  const part = (start: number, end: number) => Number(text.slice(start, end))
  return utcInstant(part(0, 4), part(4, 6) - 1, part(6, 8), part(9, 11), part(11, 13), part(13, 15))
}

function malformed(reason: string): Authorization {
  return { kind: 'malformed', reason }
}
