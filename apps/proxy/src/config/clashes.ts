import { isAbsolute, relative } from 'node:path'
import type { Config, ListenerConfig } from './config.ts'

/** Two values that are each right but do not go together; `path` is the one to change. */
export interface Clash {
  readonly path: string
  readonly message: string
}

/** What in `config` cannot work together. */
export function findClashes(config: Config): Clash[] {
  return [...listenerClashes(config), ...directoryClashes(config), ...retentionClashes(config)]
}

function listenerClashes({ server, health, metrics }: Config): Clash[] {
  const listeners: [string, ListenerConfig][] = [['server.http', server.http]]
  if (health.enabled) listeners.push(['health', health])
  if (metrics.enabled) listeners.push(['metrics', metrics])
  const clashes: Clash[] = []
  for (const [i, [name, listener]] of listeners.entries()) {
    const other = listeners.slice(0, i).find(([, earlier]) => overlap(earlier, listener))
    if (other === undefined) continue
    clashes.push({ path: `${name}.port`, message: `${listener.port} is the port of ${other[0]} too` })
  }
  return clashes
}

function overlap(a: ListenerConfig, b: ListenerConfig): boolean {
  const everywhere = (bind: string) => bind === '::' || bind === '0.0.0.0'
  return a.port === b.port && a.port !== 0 && (a.bind === b.bind || everywhere(a.bind) || everywhere(b.bind))
}

/** The cache owns its directory: a log in there could be taken for its own and deleted. */
function directoryClashes({ cache, logging }: Config): Clash[] {
  const inside = (directory: string) => {
    const steps = relative(cache.directory, directory)
    return !isAbsolute(steps) && steps.split('/')[0] !== '..'
  }
  const clashes: Clash[] = []
  for (const [path, directory] of [
    ['logging.dir', logging.directory],
    ['logging.access.dir', logging.access.directory],
  ] as const) {
    if (directory !== undefined && inside(directory)) clashes.push({ path, message: 'lies inside cache.dir' })
  }
  return clashes
}

function retentionClashes({ logging }: Config): Clash[] {
  return logging.access.retentionMs < logging.access.rotationMs
    ? [{ path: 'logging.access.retention', message: 'is shorter than logging.access.rotation' }]
    : []
}
