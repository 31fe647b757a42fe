import { freePort, type Minio } from '@s3proxy/testkit'
import type { Route } from './clients.ts'
import { type RunningProxy, startProxy } from './start-proxy.ts'

/** How a hit is authorised. */
export type Mode = 'network' | 's3'

/** A proxy in front of `minio`, and the way to it in each style. */
export interface ProxiedStore extends AsyncDisposable {
  readonly proxy: RunningProxy
  route(addressing: Route['addressing']): Route
}

/**
 * Starts a proxy that clients can use in both ways: as the endpoint itself (path style), which makes it a store of its
 * own name, so that its port must be known beforehand; or as `HTTP_PROXY`, which saves the virtual-hosted style a name
 * server.
 */
export async function startProxiedStore(minio: Minio, mode: Mode): Promise<ProxiedStore> {
  const port = await freePort()
  const endpoint = `127.0.0.1:${minio.port}`
  const proxy = await startProxy({
    server: { http: { port } },
    cache: { authorization: mode },
    upstream: {
      stores: {
        [`127.0.0.1:${port}`]: { scheme: 'http', endpoint },
        [`${minio.domain}:${minio.port}`]: { scheme: 'http', endpoint },
      },
    },
  })
  return {
    proxy,
    route: (addressing) => routeBy(`http://127.0.0.1:${port}`, minio, addressing),
    [Symbol.asyncDispose]: async () => void (await proxy.stop()),
  }
}

/** Without the proxy: MinIO takes absolute-form requests too. */
export function directRoute(minio: Minio, addressing: Route['addressing']): Route {
  return routeBy(minio.endpoint, minio, addressing)
}

function routeBy(url: string, minio: Minio, addressing: Route['addressing']): Route {
  if (addressing === 'path') return { endpoint: url, addressing }
  return { endpoint: `http://${minio.domain}:${minio.port}`, addressing, httpProxy: url }
}
