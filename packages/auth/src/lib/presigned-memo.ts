import { createHash } from 'node:crypto'
import { headerValue } from '@s3proxy/protocol'
import type { HitRequest } from './authoriser.ts'

/** Presigned URLs that S3 has accepted lately. */
export interface PresignedMemo {
  /** Whether S3 accepted this very URL and method, it has not expired, and the memo's time has not passed. */
  holds(request: HitRequest): boolean
  /** Notes that S3 accepted the request; does nothing for one that is not presigned. */
  note(request: HitRequest): void
}

/** How long and how many. */
export interface PresignedMemoOptions {
  /** How long an acceptance counts, milliseconds. */
  readonly ttlMs: number
  /** URLs remembered, the oldest leaving first; each takes some 150 bytes. Default 100,000. */
  readonly maxUrls?: number
}

/** An empty memo. URLs are kept as SHA-256 digests: a signature never stays in memory. */
export function createPresignedMemo({ ttlMs, maxUrls = 100_000 }: PresignedMemoOptions): PresignedMemo {
  const until = new Map<string, number>()
  return {
    holds(request) {
      const name = nameOf(request)
      if (name === undefined) return false
      const end = until.get(name)
      if (end === undefined) return false
      if (request.now < end) return true
      until.delete(name)
      return false
    },
    note(request) {
      const name = nameOf(request)
      if (name === undefined || request.authorization.kind !== 'presigned') return
      until.delete(name)
      until.set(name, Math.min(request.now + ttlMs, request.authorization.expiresAt))
      if (until.size <= maxUrls) return
      const oldest = until.keys().next().value
      if (oldest !== undefined) until.delete(oldest)
    },
  }
}

/** Headers that SigV2 signs without naming them. */
const signedByV2 = ['content-md5', 'content-type', 'date'] as const

/**
 * What identifies a presigned request; undefined for others, and where a header beside Host is signed: then the URL alone
 * does not say what S3 accepted.
 */
function nameOf({ method, authority, target, headers, authorization }: HitRequest): string | undefined {
  if (authorization.kind !== 'presigned') return undefined
  if (authorization.scheme === 'v2') {
    if (signedByV2.some((name) => headerValue(headers, name) !== undefined)) return undefined
  } else if (authorization.signedHeaders.size !== 1 || !authorization.signedHeaders.has('host')) return undefined
  for (let i = 0; i < headers.length; i += 2) if (/^x-amz-/i.test(headers[i] as string)) return undefined
  return createHash('sha256').update(`${method} ${authority.toLowerCase()} ${target}`, 'latin1').digest('base64')
}
