import { reservedSettings } from './reserved.ts'
import { cache } from './sections/cache.ts'
import { health } from './sections/health.ts'
import { logging } from './sections/logging.ts'
import { metrics } from './sections/metrics.ts'
import { ruleKeys, rules } from './sections/rules.ts'
import { server } from './sections/server.ts'
import { upstream } from './sections/upstream.ts'
import { flattenSettings, type SettingForm, section, setting, type ValuesOf } from './setting.ts'

/** Every key that has an effect. */
export const schema = section({
  server,
  cache,
  rules: setting({ schema: rules, form: 'list', fallback: [], keysAt: ruleKeys, live: true }),
  upstream,
  health,
  metrics,
  logging,
})

/** The checked values in the shape of the file. */
export type Values = ValuesOf<typeof schema>

/** The same keys by dotted path, in the order of the example file. */
export const settings = flattenSettings(schema)

/** Dotted paths of all keys, those of later versions included. */
export const knownPaths: readonly string[] = [...settings.keys(), ...reservedSettings.keys()]

/** The names inside each section, by the section's path; the whole file is `''`. */
export const sectionNames: ReadonlyMap<string, ReadonlySet<string>> = indexSections(knownPaths)

/** How the value of the key `path` is written; undefined if there is no such key. */
export function settingForm(path: string): SettingForm | undefined {
  return settings.get(path)?.form ?? reservedSettings.get(path)?.form
}

function indexSections(paths: readonly string[]): Map<string, Set<string>> {
  const sections = new Map<string, Set<string>>()
  for (const path of paths) {
    let prefix = ''
    for (const name of path.split('.')) {
      const names = sections.get(prefix) ?? new Set<string>()
      sections.set(prefix, names.add(name))
      prefix = prefix === '' ? name : `${prefix}.${name}`
    }
  }
  return sections
}
