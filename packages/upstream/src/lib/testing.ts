import type { RawHeaders } from '@s3proxy/protocol'
import type { Origin, UpstreamRequest } from './client.ts'

/** What a test says of a request; the rest is a plain GET of `/`. */
export type RequestDraft = Partial<UpstreamRequest> & { readonly headers?: RawHeaders }

/** A request to `origin`, which is a fake one on the loopback. */
export function requestTo(
  origin: { readonly host: string; readonly port: number; readonly url: string },
  draft: RequestDraft = {},
): UpstreamRequest {
  return {
    origin: originOf(origin),
    method: 'GET',
    target: '/',
    headers: ['Host', `${origin.host}:${origin.port}`],
    body: undefined,
    signal: new AbortController().signal,
    ...draft,
  }
}

/** A fake origin as an origin. */
export function originOf({
  host,
  port,
  url,
}: {
  readonly host: string
  readonly port: number
  readonly url: string
}): Origin {
  return { scheme: url.startsWith('https:') ? 'https' : 'http', hostname: host, port }
}
