import type { Environment } from '../expand.ts'
import { nearest } from '../nearest.ts'
import type { ValueOrigin } from '../origin.ts'
import type { ConfigProblem } from '../problem.ts'
import { knownPaths, settingForm } from '../schema.ts'
import { fromText } from './from-text.ts'
import { type Assignment, type Layer, plainAssignment } from './layer.ts'

const prefix = 'S3PROXY_'

/** Names the file when there is no `-c`. The only `S3PROXY_` variable that is not a key. */
export const configFileVariable = 'S3PROXY_CONFIG'

/** The environment variable of the key `path`: `cache.max_size` is `S3PROXY_CACHE_MAX_SIZE`. */
export function environmentName(path: string): string {
  return prefix + path.replaceAll('.', '_').toUpperCase()
}

const pathsByName: ReadonlyMap<string, string> = new Map(knownPaths.map((path) => [environmentName(path), path]))

/** What the `S3PROXY_…` variables say. Unknown ones are problems. */
export function environmentLayer(env: Environment): Layer {
  const assignments: Assignment[] = []
  const problems: ConfigProblem[] = []
  for (const [name, text] of Object.entries(env)) {
    if (text === undefined || !name.startsWith(prefix) || name === configFileVariable || isServiceLink(name, text)) {
      continue
    }
    const origin: ValueOrigin = { kind: 'environment', name }
    const path = pathsByName.get(name)
    if (path === undefined) {
      const near = nearest(name, [...pathsByName.keys(), configFileVariable])
      problems.push({
        origin,
        path: '',
        message: 'unknown variable',
        ...(near === undefined ? {} : { nearest: near }),
      })
      continue
    }
    const reading = fromText(settingForm(path) ?? 'text', text)
    if (reading.kind === 'malformed') problems.push({ origin, path, message: reading.message })
    else assignments.push(plainAssignment(path, reading.value, origin))
  }
  return { assignments, problems }
}

/**
 * Whether the variable was put there by Kubernetes for a service whose name starts with `s3proxy`
 * (https://kubernetes.io/docs/concepts/services-networking/service/#environment-variables): those are nobody's
 * settings, and `S3PROXY_METRICS_PORT=tcp://10.0.0.1:9090` even bears the name of one.
 */
function isServiceLink(name: string, text: string): boolean {
  return (
    /^(?:tcp|udp|sctp):\/\//.test(text) ||
    /^S3PROXY_(?:.+_)?SERVICE_(?:HOST|PORT(?:_.+)?)$/.test(name) ||
    /^S3PROXY_(?:.+_)?PORT_\d+_(?:TCP|UDP|SCTP)(?:_(?:PROTO|PORT|ADDR))?$/.test(name)
  )
}
