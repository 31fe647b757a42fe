import { isAmzName } from './amz-name.ts'
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

/** Who asks and by which program: no part of what is asked. Version 4 names may come in any case. */
const v4Noise = [
  'X-Amz-Algorithm',
  'X-Amz-Credential',
  'X-Amz-Date',
  'X-Amz-Expires',
  'X-Amz-SignedHeaders',
  'X-Amz-Signature',
  'X-Amz-Security-Token',
  'X-Amz-Region-Set',
  'X-Amz-S3session-Token',
  'X-Amz-Content-Sha256',
  'X-Amz-User-Agent',
]
const noise: ReadonlySet<string> = new Set([
  ...v4Noise,
  ...v4Noise.map((name) => name.toLowerCase()),
  'AWSAccessKeyId',
  'Signature',
  'Expires',
  'x-id',
])

/** Whether the parameter only says who asks (a signature, its scope, a session token) or names the operation again. */
export function isNoiseParameter(name: string): boolean {
  return noise.has(name) || (isAmzName(name) && noise.has(name.toLowerCase()))
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
