import { ProxyError } from '@s3proxy/protocol'
import type { UpstreamClient } from '@s3proxy/upstream'

/** What is counted of requests to stores. */
export interface UpstreamCounters {
  upstreamAnswered(status: number): void
  upstreamFailed(code: string): void
}

/** A client over a client whose one duty is to count. */
export function observeUpstream(client: UpstreamClient, counters: UpstreamCounters): UpstreamClient {
  return {
    async send(request) {
      try {
        const response = await client.send(request)
        counters.upstreamAnswered(response.status)
        return response
      } catch (error) {
        counters.upstreamFailed(error instanceof ProxyError ? error.code : 'InternalError')
        throw error
      }
    },
    close: () => client.close(),
  }
}
