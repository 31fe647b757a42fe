import { isDeepStrictEqual } from 'node:util'
import type { LoadedConfig } from '../config/load-config.ts'
import { settings } from '../config/schema.ts'

/**
 * What a changed setting takes to come into force: nothing, new workers, or a new start of the whole. Where one process
 * does everything, the last two are the same.
 */
export type Scope = 'live' | 'workers' | 'supervisor'

/** Settings of what outlives a worker: listening sockets, the listeners beside them, the number of workers, the log. */
const supervisorPaths = /^(?:server\.(?:http\.|workers$|config_poll$)|health\.|metrics\.|logging\.)/

function scopeOf(path: string, live: boolean): Scope {
  if (live) return 'live'
  return supervisorPaths.test(path) ? 'supervisor' : 'workers'
}

/** The dotted paths of the settings whose values differ, however they are written: of those of one scope. */
export function changedSettings(scope: Scope, a: LoadedConfig, b: LoadedConfig): string[] {
  return [...settings]
    .filter(([path, { live }]) => scopeOf(path, live) === scope)
    .map(([path]) => path)
    .filter((path) => !isDeepStrictEqual(a.provenance.get(path)?.value, b.provenance.get(path)?.value))
}
