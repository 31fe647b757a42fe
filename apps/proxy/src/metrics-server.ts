import type { Server } from 'node:http'
import type { Metrics } from '@s3proxy/metrics'
import { createSideServer } from './side-server.ts'

/** What {@link createMetricsServer} is made of. */
export interface MetricsServerOptions {
  readonly path: string
  readonly metrics: Pick<Metrics, 'exposition' | 'snapshot'>
  /** Told when the numbers cannot be put together. */
  readonly onError?: (error: unknown) => void
}

/** The server for scrapers: Prometheus text, or JSON for `Accept: application/json` or `?format=json`. */
export function createMetricsServer({ path, metrics, onError }: MetricsServerOptions): Server {
  return createSideServer(async (request) => {
    if (request.path !== path) return { kind: 'not-found' }
    if (wantsJson(request)) {
      const body = `${JSON.stringify(await metrics.snapshot())}\n`
      return { kind: 'document', status: 200, contentType: 'application/json; charset=utf-8', body }
    }
    return { kind: 'document', status: 200, ...(await metrics.exposition()) }
  }, onError)
}

function wantsJson({ query, accept }: { readonly query: string; readonly accept: string }): boolean {
  return query.split('&').includes('format=json') || /(?:^|[\s,])application\/json(?:$|[\s,;])/i.test(accept)
}
