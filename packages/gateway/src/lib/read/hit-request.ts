import type { HitRequest } from '@s3proxy/auth'
import type { ReadContext } from './read.ts'

/** A read as the authoriser sees it. */
export function hitRequest(now: number, { exchange, classified, read }: ReadContext): HitRequest {
  const { route, authorization } = classified
  return {
    bucket: read.bucket,
    method: exchange.head.method,
    authority: route.authority,
    target: route.target,
    headers: exchange.head.headers,
    authorization,
    now,
  }
}
