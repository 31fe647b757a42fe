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
    if (role === 'none') continue
    const value = headers[i + 1] as string
    let bit = 0
    // Each by its name: with computed names the fields of a usual request took 570 ns instead of 330.
    switch (role) {
      case 'host':
        if (found.hosts++ === 0) found.host = value
        break
      case 'authorization':
        if (found.authorizations++ === 0) found.authorization = value
        break
      case 'cacheControl':
        found.cacheControl ??= value
        break
      case 'pragma':
        found.pragma ??= value
        break
      case 'origin':
        found.origin ??= value
        break
      case 'checksumMode':
        found.checksumMode ??= value
        break
      case 'referer':
        found.referer ??= value
        break
      case 'userAgent':
        found.userAgent ??= value
        break
      case 'customerKey':
        found.customerKey = true
        break
      case 'unknown':
        found.unknown = true
        break
      case 'range':
        found.range ??= value
        bit = 1
        break
      case 'ifRange':
        found.ifRange ??= value
        bit = 2
        break
      case 'ifMatch':
        bit = 4
        break
      case 'ifNoneMatch':
        bit = 8
        break
      case 'ifModifiedSince':
        bit = 16
        break
      case 'ifUnmodifiedSince':
        bit = 32
        break
    }
    if (bit === 0) continue
    found.repeated ||= (singletons & bit) !== 0
    singletons |= bit
    found.conditional ||= bit !== 1
  }
  return found
}
