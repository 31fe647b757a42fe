import type { RawHeaders } from '@s3proxy/protocol'

/** What the fields of a request say to the gateway. */
export interface RequestFields {
  /** How often it was sent; each of these has its first value below. */
  readonly hosts: number
  readonly authorizations: number
  readonly host: string | undefined
  readonly authorization: string | undefined
  readonly range: string | undefined
  readonly ifRange: string | undefined
  readonly cacheControl: string | undefined
  readonly pragma: string | undefined
  readonly origin: string | undefined
  readonly checksumMode: string | undefined
  readonly referer: string | undefined
  readonly userAgent: string | undefined
  /** Any of the `If-…` fields of RFC 9110. */
  readonly conditional: boolean
  /** A range or a condition more than once: which of several counts is the store's to say. */
  readonly repeated: boolean
  /** A key of the client's own for the object. */
  readonly customerKey: boolean
  /** A field of S3 that we do not know: the answer may depend on it. */
  readonly unknown: boolean
}

type Role =
  | 'host'
  | 'authorization'
  | 'range'
  | 'ifRange'
  | 'ifMatch'
  | 'ifNoneMatch'
  | 'ifModifiedSince'
  | 'ifUnmodifiedSince'
  | 'cacheControl'
  | 'pragma'
  | 'origin'
  | 'checksumMode'
  | 'referer'
  | 'userAgent'
  | 'customerKey'
  | 'unknown'
  | 'none'

const roles: ReadonlyMap<string, Role> = new Map<string, Role>([
  ['host', 'host'],
  ['authorization', 'authorization'],
  ['range', 'range'],
  ['if-range', 'ifRange'],
  ['if-match', 'ifMatch'],
  ['if-none-match', 'ifNoneMatch'],
  ['if-modified-since', 'ifModifiedSince'],
  ['if-unmodified-since', 'ifUnmodifiedSince'],
  ['cache-control', 'cacheControl'],
  ['pragma', 'pragma'],
  ['origin', 'origin'],
  ['referer', 'referer'],
  ['user-agent', 'userAgent'],
  ['x-amz-checksum-mode', 'checksumMode'],
  ['x-amz-server-side-encryption-customer-algorithm', 'customerKey'],
  ['x-amz-server-side-encryption-customer-key', 'customerKey'],
  // Fields of S3's own in a read that change nothing about the answer, or that are dealt with where they matter.
  ['x-amz-content-sha256', 'none'],
  ['x-amz-date', 'none'],
  ['x-amz-expected-bucket-owner', 'none'],
  ['x-amz-region-set', 'none'],
  ['x-amz-request-payer', 'none'],
  ['x-amz-s3session-token', 'none'],
  ['x-amz-security-token', 'none'],
  ['x-amz-user-agent', 'none'],
])

function roleOf(name: string): Role {
  const lower = name.toLowerCase()
  return roles.get(lower) ?? (lower.startsWith('x-amz-') ? 'unknown' : 'none')
}

/** Spellings seen lately: looking one up costs a tenth of taking it apart. Clients choose them, so there is a bound. */
const remembered = new Map<string, Role>()
const maxRemembered = 1024
const maxNameLength = 64

function roleOfSpelling(name: string): Role {
  const known = remembered.get(name)
  if (known !== undefined) return known
  const role = roleOf(name)
  if (name.length > maxNameLength) return role
  if (remembered.size >= maxRemembered) remembered.clear()
  // A copy: a slice would keep the whole head alive.
  remembered.set(Buffer.from(name, 'latin1').toString('latin1'), role)
  return role
}

/** Reads the fields of a request in one pass. */
export function readFields(headers: RawHeaders): RequestFields {
  const found = {
    hosts: 0,
    authorizations: 0,
    host: undefined as string | undefined,
    authorization: undefined as string | undefined,
    range: undefined as string | undefined,
    ifRange: undefined as string | undefined,
    cacheControl: undefined as string | undefined,
    pragma: undefined as string | undefined,
    origin: undefined as string | undefined,
    checksumMode: undefined as string | undefined,
    referer: undefined as string | undefined,
    userAgent: undefined as string | undefined,
    conditional: false,
    repeated: false,
    customerKey: false,
    unknown: false,
  }
  let singletons = 0
  for (let i = 0; i + 1 < headers.length; i += 2) {
    const role = roleOfSpelling(headers[i] as string)
    switch (role) {
      case 'none':
        break
      case 'host':
      case 'authorization':
        if (found[`${role}s`]++ === 0) found[role] = headers[i + 1]
        break
      case 'cacheControl':
      case 'pragma':
      case 'origin':
      case 'checksumMode':
      case 'referer':
      case 'userAgent':
        found[role] ??= headers[i + 1]
        break
      case 'range':
      case 'ifRange':
        found[role] ??= headers[i + 1]
        break
      case 'customerKey':
      case 'unknown':
        found[role] = true
        break
    }
    const bit = singletonBits[role]
    if (bit === undefined) continue
    found.repeated ||= (singletons & bit) !== 0
    singletons |= bit
    found.conditional ||= role !== 'range'
  }
  return found
}

const singletonBits: { readonly [R in Role]?: number } = {
  range: 1,
  ifRange: 2,
  ifMatch: 4,
  ifNoneMatch: 8,
  ifModifiedSince: 16,
  ifUnmodifiedSince: 32,
}
