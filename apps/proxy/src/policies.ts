import { type Authoriser, createEveryRequestAuthoriser, createNetworkAuthoriser } from '@s3proxy/auth'
import { createFixedPolicies, type ReadPolicies } from '@s3proxy/gateway'
import type { Config } from './config/config.ts'

/** The policies that the configuration states. */
export function createPolicies(cache: Config['cache'], authoriser?: Authoriser): ReadPolicies {
  return createFixedPolicies({
    authoriser:
      authoriser ?? (cache.authorization === 's3' ? createEveryRequestAuthoriser() : createNetworkAuthoriser()),
    getTtlMs: cache.getTtlMs,
    headTtlMs: cache.headTtlMs,
  })
}
