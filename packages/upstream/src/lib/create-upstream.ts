import { ProxyError } from '@s3proxy/protocol'
import type { CancelSignal, UpstreamClient, UpstreamRequest, UpstreamResponse } from './client.ts'
import type { Endpoint } from './dial.ts'
import { createEndpoints } from './endpoints.ts'
import { abortedError } from './node-error.ts'
import { resolveUpstreamOptions, type UpstreamOptions } from './options.ts'
import { createPools } from './pool.ts'
import { type HeadFacts, inspectHead } from './request-head.ts'
import { createResolver } from './resolver.ts'
import type { Attempt, ConnectionChoice } from './sender.ts'
import { createTlsPolicy } from './tls.ts'

/** Addresses tried for one request at most. */
const maxAddressesTried = 8

/**
 * A client that finds the store's address, keeps connections to it and sends each request once, except that another
 * address is tried when no connection could be made, and a fresh connection when a kept one broke before the store could
 * have acted on the request. Throws RangeError or TypeError for options that make no sense.
 */
export function createUpstream(options: UpstreamOptions = {}): UpstreamClient {
  const settings = resolveUpstreamOptions(options)
  const { clock, dnsServers, dnsRefreshMs } = settings
  const resolver = options.resolver ?? createResolver({ servers: dnsServers, refreshMs: dnsRefreshMs, clock })
  const endpoints = createEndpoints({
    overrides: settings.endpointOverrides,
    resolver,
    admitAddress: settings.admitAddress,
  })
  const pools = createPools(settings, createTlsPolicy(settings))
  let closed = false

  const attempt = (
    request: UpstreamRequest,
    facts: HeadFacts,
    endpoint: Endpoint,
    choice: ConnectionChoice,
  ): Promise<Attempt> => {
    if (closed) throw closedError()
    if (request.signal.aborted) throw abortedError(request.signal)
    return pools.get(request.origin, endpoint).senderFor(request, facts).send(request, facts, choice)
  }

  const begin = async (request: UpstreamRequest): Promise<UpstreamResponse> => {
    if (closed) throw closedError()
    const facts = inspectHead(request)
    const found = endpoints.candidates(request.origin)
    const candidates = found instanceof Promise ? await unlessAborted(found, request.signal) : found
    const begunAt = clock.monotonic()
    let failure: ProxyError | undefined
    for (const endpoint of candidates.slice(0, maxAddressesTried)) {
      let result = await attempt(request, facts, endpoint, 'pooled')
      if (result.kind === 'stale' && isRepeatable(request)) result = await attempt(request, facts, endpoint, 'fresh')
      if (result.kind === 'answered') return result.response
      failure = result.error
      if (result.kind !== 'unreachable' || !failure.retryable) break
      // one address that swallows packets may use up its whole time; the second such is enough
      if (clock.monotonic() - begunAt >= 2 * settings.connectTimeoutMs) break
    }
    throw failure ?? new ProxyError('ServiceUnavailable', { source: 'upstream', reason: 'no-address' })
  }

  return {
    send(request) {
      const sent = begin(request)
      if (request.body === undefined) return sent
      return sent.catch((error: unknown) => {
        request.body?.source.cancel(error)
        throw error
      })
    },
    async close() {
      closed = true
      await pools.close()
    },
  }
}

function closedError(): ProxyError {
  const message = 'The proxy is shutting down.'
  return new ProxyError('ServiceUnavailable', { source: 'proxy', reason: 'closed', message })
}

/** Whether a request that got no answer may be sent again: it changes nothing, or the store was still to ask for its body. */
function isRepeatable({ method, body }: UpstreamRequest): boolean {
  return method === 'GET' || method === 'HEAD' || body !== undefined
}

function unlessAborted<T>(promise: Promise<T>, signal: CancelSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const onAbort = (): void => reject(abortedError(signal))
    if (signal.aborted) onAbort()
    signal.addEventListener('abort', onAbort)
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort))
  })
}
