import { type Authoriser, createEveryRequestAuthoriser, createNetworkAuthoriser } from '@s3proxy/auth'
import type { ReadPolicies } from '@s3proxy/gateway'
import { createRulePolicies, type PolicyConfig } from './rule-policies.ts'

/** Policies that another configuration can take the place of. */
export interface ReloadablePolicies {
  /** Answers by the configuration now in force; a request asks once and keeps what it got. */
  readonly policies: ReadPolicies
  /** Puts `config` in force at once and as a whole. What is remembered about who may read stays. */
  replace(config: PolicyConfig): void
}

/** The policies that `config` states. `authoriser`: who may read, whatever `authorization` says. */
export function createPolicies(config: PolicyConfig, authoriser?: Authoriser): ReloadablePolicies {
  const authorisers = {
    s3: authoriser ?? createEveryRequestAuthoriser({ presignedMemoMs: config.cache.presignedMemoMs }),
    network: authoriser ?? createNetworkAuthoriser(),
  }
  let current = createRulePolicies(config, authorisers)
  return {
    policies: { of: (bucket, key) => current.of(bucket, key) },
    replace(next) {
      current = createRulePolicies(next, authorisers)
    },
  }
}
