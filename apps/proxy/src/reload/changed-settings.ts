import { isDeepStrictEqual } from 'node:util'
import type { LoadedConfig } from '../config/load-config.ts'
import { settings } from '../config/schema.ts'

/** The dotted paths of the settings whose values differ, however they are written: those that can change live, or the others. */
export function changedSettings(kind: 'live' | 'restart', a: LoadedConfig, b: LoadedConfig): string[] {
  return [...settings]
    .filter(([, { live }]) => live === (kind === 'live'))
    .map(([path]) => path)
    .filter((path) => !isDeepStrictEqual(a.provenance.get(path)?.value, b.provenance.get(path)?.value))
}
