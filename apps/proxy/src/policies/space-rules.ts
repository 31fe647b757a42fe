import type { SpaceRule, SpaceRules } from '@s3proxy/cache-store'
import { parseCacheKey } from '@s3proxy/router'
import type { RuleConfig } from '../config/config.ts'
import { compileGlob, type Glob } from '../glob/glob.ts'

/** Rules about space that others can take the place of. */
export interface ReloadableSpaceRules {
  readonly rules: SpaceRules
  replace(rules: readonly RuleConfig[]): void
}

interface Rule {
  readonly glob: Glob
  readonly name: string
  readonly pin: boolean | undefined
  readonly quotaBytes: number | undefined
}

/** What the rules say about space, by cache key: for `pin` and `quota` each, the first rule that matches and sets it. */
export function createSpaceRules(config: readonly RuleConfig[]): ReloadableSpaceRules {
  let current = ready(config)
  const of = (key: string): SpaceRule => {
    const parsed = parseCacheKey(key)
    if (parsed.kind === 'malformed') return { pinned: false, quota: undefined }
    const address = `${parsed.parts.bucket}/${parsed.parts.key}`
    const matching = current.filter(({ glob }) => glob.matches(address))
    const limited = matching.find(({ quotaBytes }) => quotaBytes !== undefined)
    return {
      pinned: matching.find(({ pin }) => pin !== undefined)?.pin ?? false,
      quota: limited?.quotaBytes === undefined ? undefined : { name: limited.name, bytes: limited.quotaBytes },
    }
  }
  return {
    rules: {
      get any() {
        return current.length > 0
      },
      of,
    },
    replace(next) {
      current = ready(next)
    },
  }
}

function ready(rules: readonly RuleConfig[]): readonly Rule[] {
  return rules
    .filter(({ space = {} }) => space.pin !== undefined || space.quotaBytes !== undefined)
    .map(({ match, space = {} }) => ({
      glob: compileGlob(match),
      name: match.source,
      pin: space.pin,
      quotaBytes: space.quotaBytes,
    }))
}
