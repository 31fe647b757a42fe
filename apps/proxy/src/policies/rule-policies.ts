import type { Authoriser } from '@s3proxy/auth'
import type { ReadPolicies, ReadPolicy } from '@s3proxy/gateway'
import type { AuthorizationMode, Config, ReadSettings, RuleConfig } from '../config/config.ts'
import { compileGlob, type Glob } from '../glob/glob.ts'
import { type Choice, createChoices, type RuleSettings, settingsMask } from './choice.ts'
import { createPrefixIndex } from './prefix-index.ts'

/** The part of a configuration that states policies. */
export type PolicyConfig = Pick<Config, 'cache' | 'rules'>

interface Rule extends RuleSettings {
  readonly glob: Glob
  readonly prefix: string
}

/** The rules that may match a text with a certain prefix. */
interface Candidates {
  /** What those at the beginning make, which match in any case. */
  readonly base: Choice
  /** The others, in order; without those whose settings are all made before them in any case. */
  readonly open: readonly Rule[]
}

/**
 * The policies of a configuration: for each setting the first rule counts that matches `bucket/key` and sets it, else
 * the `cache` section. All is worked out now that does not depend on the key; a look-up finds the rules in question by
 * their prefixes, and matches only those whose patterns go on behind it. Policies are frozen and shared.
 */
export function createRulePolicies(
  { cache, rules }: PolicyConfig,
  authorisers: Readonly<Record<AuthorizationMode, Authoriser>>,
): ReadPolicies {
  const defaults: ReadSettings = { ...cache, cache: true }
  const policyOf = createPolicyMaker(authorisers)
  const none = createChoices((settings) => policyOf({ ...defaults, ...settings }))
  const index = createPrefixIndex(rules.map(readyRule), (candidates) => narrow(none, candidates))
  if (rules.length === 0) return { of: () => none.policy }
  return {
    of(bucket, key) {
      const address = `${bucket}/${key}`
      const { base, open } = index(address)
      let choice = base
      for (const rule of open) {
        if ((rule.mask & ~choice.mask) === 0) continue
        if (rule.glob.prefixOnly || rule.glob.matches(address)) choice = choice.and(rule)
      }
      return choice.policy
    },
  }
}

function readyRule({ match, settings }: RuleConfig): Rule {
  const glob = compileGlob(match)
  return { glob, prefix: glob.prefix, settings, mask: settingsMask(settings) }
}

function narrow(none: Choice, rules: readonly Rule[]): Candidates {
  let base = none
  const open: Rule[] = []
  let made = 0
  for (const rule of rules) {
    if ((rule.mask & ~made) === 0) continue
    if (rule.glob.prefixOnly) made |= rule.mask
    if (rule.glob.prefixOnly && open.length === 0) base = base.and(rule)
    else open.push(rule)
  }
  return { base, open }
}

/** More policies than this are not kept; see {@link createChoices}. */
const maxKept = 1024

/** Makes each policy once. */
function createPolicyMaker(authorisers: Readonly<Record<AuthorizationMode, Authoriser>>) {
  const made = new Map<string, ReadPolicy>()
  return (settings: ReadSettings): ReadPolicy => {
    const policy: ReadPolicy = Object.freeze({
      cache: settings.cache,
      authoriser: authorisers[settings.authorization],
      getTtlMs: settings.getTtlMs,
      headTtlMs: settings.headTtlMs,
      staleIfErrorMs: settings.staleIfErrorMs,
      staleWhileRevalidateMs: settings.staleWhileRevalidateMs,
      negativeTtlMs: settings.negativeTtlMs,
      honourCacheControl: settings.honourCacheControl,
      pageBytes: settings.pageBytes,
    })
    const { authoriser: _, ...values } = policy
    const name = JSON.stringify([settings.authorization, values])
    const known = made.get(name)
    if (known !== undefined) return known
    if (made.size < maxKept) made.set(name, policy)
    return policy
  }
}
