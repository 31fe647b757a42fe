import type { Server } from 'node:http'
import type { ConfigState } from './reload/reloader.ts'
import { createSideServer, type SideAnswer } from './side-server.ts'

/** Where a proxy is in its life. Only `ready` takes requests. */
export type Lifecycle = 'starting' | 'ready' | 'draining'

/** What {@link createHealthServer} is made of. */
export interface HealthOptions {
  /** Path of the overall answer; `/live` and `/ready` lie beside it and at the root. */
  readonly path: string
  readonly version: string
  /** Asked at each request. */
  readonly lifecycle: () => Lifecycle
  /** How what is in force compares with the configuration file. Asked at each request. */
  readonly configuration: () => ConfigState
  /** Milliseconds since the epoch. Default: the system's clock. */
  readonly now?: () => number
}

/**
 * The server for load balancers and container probes, JSON throughout:
 * - `{path}` and `{path}/ready`, `/ready`: 200 while the proxy takes requests, 503 while it starts or drains;
 * - `{path}/live`, `/live`: 200 as long as the process answers at all.
 */
export function createHealthServer(options: HealthOptions): Server {
  const { path, version, lifecycle, configuration, now = Date.now } = options
  const startedAt = now()
  const describe = (status: number): SideAnswer => ({
    kind: 'document',
    status,
    contentType: 'application/json; charset=utf-8',
    body: `${JSON.stringify({
      status: lifecycle(),
      version,
      uptimeSeconds: Math.floor((now() - startedAt) / 1000),
      configuration: configuration(),
    })}\n`,
  })
  const ready = () => describe(lifecycle() === 'ready' ? 200 : 503)
  const live = () => describe(200)
  const answers: ReadonlyMap<string, () => SideAnswer> = new Map([
    ['/live', live],
    ['/ready', ready],
    [`${path}/live`, live],
    [`${path}/ready`, ready],
    [path, ready],
  ])
  return createSideServer((request) => answers.get(request.path)?.() ?? { kind: 'not-found' })
}
