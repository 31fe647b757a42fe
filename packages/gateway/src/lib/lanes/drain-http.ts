import type { Server } from 'node:http'

/** From now on each answer is the last of its connection. Idle connections are closed by whoever calls. */
export function drainHttp(server: Server): void {
  server.prependListener('request', (_request, response) => {
    response.shouldKeepAlive = false
  })
}
