import { compileGlob, type Glob } from '../glob/glob.ts'
import type { RuleConfig } from './config.ts'
import { showValue } from './show-value.ts'
import type { Warning } from './warnings.ts'

/** Rules that do nothing, or probably not what was meant. */
export function findRuleWarnings(rules: readonly RuleConfig[]): Warning[] {
  const ready = rules.map(({ match, settings, space }) => ({
    match,
    settings: { ...settings, ...space },
    glob: compileGlob(match),
  }))
  const warnings: Warning[] = []
  for (const [i, { match, settings, glob }] of ready.entries()) {
    const warn = (message: string) => warnings.push({ path: 'rules', inside: [i], message })
    if (/(?<!\\)(?:\\\\)*[[{]/.test(match.source)) {
      warn('brackets and braces in a pattern stand for themselves; write \\[ or \\{ if that is meant')
    }
    const names = Object.keys(settings)
    if (names.length === 0) {
      warn('sets nothing')
      continue
    }
    const wider = ready.slice(0, i).filter((other) => includes(other.glob, other.match.source, glob, match.source))
    const done = names.map((name) => wider.find((other) => Object.hasOwn(other.settings, name)))
    if (done.every((other) => other !== undefined)) {
      const patterns = [...new Set(done.map((other) => showValue(other.match.source)))].join(', ')
      warn(`never counts: what it sets is set before, for ${patterns}; put the narrower rule first`)
    }
  }
  return warnings
}

/** Whether `wide` certainly matches all that `narrow` does. */
function includes(wide: Glob, wideSource: string, narrow: Glob, narrowSource: string): boolean {
  return wideSource === narrowSource || (wide.prefixOnly && narrow.prefix.startsWith(wide.prefix))
}
