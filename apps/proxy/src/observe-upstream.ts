import { ProxyError } from '@s3proxy/protocol'
import type { UpstreamClient, UpstreamResponse } from '@s3proxy/upstream'

/** What is counted of requests to stores. */
export interface UpstreamCounters {
  upstreamAnswered(status: number): void
  upstreamFailed(code: string): void
}

/** A client over a client whose one duty is to count. */
export function observeUpstream(client: UpstreamClient, counters: UpstreamCounters): UpstreamClient {
  const answered = (response: UpstreamResponse): UpstreamResponse => {
    counters.upstreamAnswered(response.status)
    return response
  }
  const failed = (error: unknown): never => {
    counters.upstreamFailed(error instanceof ProxyError ? error.code : 'InternalError')
    throw error
  }
  return {
    send: (request) => client.send(request).then(answered, failed),
    close: () => client.close(),
  }
}
