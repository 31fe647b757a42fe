import type { Authoriser } from '@s3proxy/auth'
import { noopObserver } from '@s3proxy/cache-store'
import { createNodeLane, type Listening, listen } from '@s3proxy/gateway'
import { createMetrics } from '@s3proxy/metrics'
import { compose } from './compose.ts'
import type { Config } from './config/config.ts'
import type { Io } from './io.ts'
import { observeUpstream } from './observe-upstream.ts'
import { readVersion } from './version.ts'

/** What is started. */
export interface StartOptions {
  readonly config: Config
  readonly io: Io
  /** Default: by the configuration. */
  readonly authoriser?: Authoriser
}

/** A proxy that serves. */
export interface StartedProxy {
  readonly kind: 'started'
  readonly http: Listening
  /** Where the side listeners answer; undefined for one that is switched off. */
  readonly sideUrls: { readonly health: string | undefined; readonly metrics: string | undefined }
  /** Stops accepting, lets requests finish within the drain time, closes everything. */
  stop(): Promise<void>
}

/** Why it does not, in a line for people. */
export interface StartFailure {
  readonly kind: 'failed'
  readonly message: string
}

/** Puts a proxy together and opens its listeners, the caching one last: who connects is served. */
export async function startProxy({ config, io, authoriser }: StartOptions): Promise<StartedProxy | StartFailure> {
  const metrics = createMetrics({ version: readVersion() })
  const composed = await compose({
    config,
    ...(authoriser === undefined ? {} : { authoriser }),
    observer: {
      request: (record) => metrics.observeRequest(record),
      store: noopObserver,
      upstream: (client) => observeUpstream(client, metrics),
    },
  })
  if (composed.kind === 'failed') return composed
  const { gateway } = composed
  const limits = { headTimeoutMs: config.server.headTimeoutMs, idleTimeoutMs: config.server.idleTimeoutMs }
  const http = await listen(createNodeLane({ gateway, limits }), config.server.http)
  if (http.kind === 'failed') return http
  io.stdout.write(`listening http ${urlOf(http)}\n`)
  return {
    kind: 'started',
    http,
    sideUrls: { health: undefined, metrics: undefined },
    async stop() {
      await http.drain(config.server.drainTimeoutMs)
      await gateway.idle()
      await composed.close()
    },
  }
}

function urlOf({ host, port }: Listening): string {
  return `http://${host.includes(':') ? `[${host}]` : host}:${port}`
}
