import type { QueryParameter } from './query.ts'

/** What the query of a GetObject or HeadObject means to a cache. */
export type ReadParameters =
  | {
      readonly kind: 'known'
      /** The version asked for, never empty. Absent: the current one. */
      readonly versionId?: string
      /** The part asked for, as sent. */
      readonly partNumber?: string
      /** Whether `x-amz-checksum-mode: ENABLED` stands in the query, where presigned URLs carry it. */
      readonly checksumMode: boolean
      /** Fields of the answer to replace, from `response-*` parameters: header name and new value, ASCII, no controls. */
      readonly overrides: readonly (readonly [headerName: string, value: string])[]
    }
  /** A parameter that is unknown, repeated or unclear: answer from the store only. `name` is as the client sent it. */
  | { readonly kind: 'unknown'; readonly name: string }

/** https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html, "Overriding response header values". */
const overrideNames: ReadonlyMap<string, string> = new Map([
  ['response-cache-control', 'Cache-Control'],
  ['response-content-disposition', 'Content-Disposition'],
  ['response-content-encoding', 'Content-Encoding'],
  ['response-content-language', 'Content-Language'],
  ['response-content-type', 'Content-Type'],
  ['response-expires', 'Expires'],
])

/** Who asks and by which program: no part of what is asked. Version 4 names in lower case, version 2 as they are. */
const noise: ReadonlySet<string> = new Set([
  'x-amz-algorithm',
  'x-amz-credential',
  'x-amz-date',
  'x-amz-expires',
  'x-amz-signedheaders',
  'x-amz-signature',
  'x-amz-security-token',
  'x-amz-region-set',
  'x-amz-s3session-token',
  'x-amz-content-sha256',
  'x-amz-user-agent',
  'AWSAccessKeyId',
  'Signature',
  'Expires',
  'x-id',
])

/** Whether the parameter only says who asks (a signature, its scope, a session token) or names the operation again. */
export function isNoiseParameter(name: string): boolean {
  return noise.has(name) || (isAmzName(name) && noise.has(name.toLowerCase()))
}

function isAmzName(name: string): boolean {
  return name.length > 6 && name.slice(0, 6).toLowerCase() === 'x-amz-'
}

const plain: ReadParameters = { kind: 'known', checksumMode: false, overrides: [] }

/** Reads the query of a GetObject or HeadObject. Anything but what is listed here makes it `unknown`. */
export function parseReadParameters(query: readonly QueryParameter[]): ReadParameters {
  if (query.length === 0) return plain
  let versionId: string | undefined
  let partNumber: string | undefined
  let checksumMode = false
  const overrides = new Map<string, string>()
  for (const { name, value } of query) {
    if (isNoiseParameter(name)) continue
    if (value === undefined || value === '') return { kind: 'unknown', name }
    const header = overrideNames.get(name)
    if (header !== undefined) {
      if (overrides.has(header) || !isPlainValue(value)) return { kind: 'unknown', name }
      overrides.set(header, value)
    } else if (name === 'versionId') {
      if (versionId !== undefined) return { kind: 'unknown', name }
      versionId = value
    } else if (name === 'partNumber') {
      if (partNumber !== undefined) return { kind: 'unknown', name }
      partNumber = value
    } else if (name.toLowerCase() === 'x-amz-checksum-mode' && value === 'ENABLED') {
      checksumMode = true
    } else {
      return { kind: 'unknown', name }
    }
  }
  return {
    kind: 'known',
    ...(versionId === undefined ? undefined : { versionId }),
    ...(partNumber === undefined ? undefined : { partNumber }),
    checksumMode,
    overrides: [...overrides],
  }
}

/**
 * Whether a hit may write `value` into a header itself. Controls would split the answer; other than ASCII S3 encodes
 * in its own way; and S3 reads a plus as a space, which is no longer told from `%2B` here.
 */
function isPlainValue(value: string): boolean {
  return /^[ -*,-~]+$/.test(value)
}
