import type { ReadPolicy } from '@s3proxy/gateway'
import type { ReadSettings } from '../config/config.ts'

/** What one rule sets, made ready. */
export interface RuleSettings {
  readonly settings: Partial<ReadSettings>
  /** One bit for each of them, see {@link settingsMask}. */
  readonly mask: number
}

/** What some rules set together, the first of them for each setting, and the policy that comes of it. */
export interface Choice {
  readonly policy: ReadPolicy
  /** One bit for each setting that is made. */
  readonly mask: number
  /** This choice, and what `rule` sets of what it leaves open. */
  and(rule: RuleSettings): Choice
}

const bits: Readonly<Record<keyof ReadSettings, number>> = {
  cache: 1,
  authorization: 2,
  getTtlMs: 4,
  headTtlMs: 8,
  staleIfErrorMs: 16,
  staleWhileRevalidateMs: 32,
  negativeTtlMs: 64,
  honourCacheControl: 128,
  pageBytes: 256,
}

/** One bit for each of `settings`. */
export function settingsMask(settings: Partial<ReadSettings>): number {
  let mask = 0
  for (const name of Object.keys(settings) as (keyof ReadSettings)[]) mask |= bits[name]
  return mask
}

/** More combinations than this are made anew each time, so that no list of rules fills the memory. */
const maxRemembered = 1024

/**
 * The choice of no rule, and through it all others. Equal combinations are one object, and `toPolicy` is called once for
 * each; following rules that were followed before allocates nothing.
 */
export function createChoices(toPolicy: (settings: Partial<ReadSettings>) => ReadPolicy): Choice {
  const remembered = new Map<string, Choice>()

  function choiceOf(chosen: Partial<ReadSettings>): Choice {
    const name = JSON.stringify(Object.entries(chosen).sort(([a], [b]) => (a < b ? -1 : 1)))
    const known = remembered.get(name)
    if (known !== undefined) return known
    const choice = createChoice(chosen)
    if (remembered.size < maxRemembered) remembered.set(name, choice)
    return choice
  }

  function createChoice(chosen: Partial<ReadSettings>): Choice {
    const next = new Map<RuleSettings, Choice>()
    return {
      policy: toPolicy(chosen),
      mask: settingsMask(chosen),
      and(rule) {
        const known = next.get(rule)
        if (known !== undefined) return known
        const choice = choiceOf({ ...rule.settings, ...chosen })
        if (remembered.size < maxRemembered) next.set(rule, choice)
        return choice
      },
    }
  }

  return choiceOf({})
}
