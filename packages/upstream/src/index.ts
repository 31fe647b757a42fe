export { type CaBundle, parseCaBundle } from './lib/ca-bundle.ts'
export type {
  CancelListener,
  CancelSignal,
  Origin,
  RequestTimeouts,
  UpstreamBody,
  UpstreamClient,
  UpstreamRequest,
  UpstreamResponse,
} from './lib/client.ts'
export { type Clock, systemClock } from './lib/clock.ts'
export { createUpstream } from './lib/create-upstream.ts'
export type { Endpoint } from './lib/dial.ts'
export { createDnsLookup, type DnsLookup } from './lib/dns-lookup.ts'
export { createEndpoints, type Endpoints, type EndpointsOptions } from './lib/endpoints.ts'
export type { StoreTransport, UpstreamOptions } from './lib/options.ts'
export { createResolver, type Resolver, type ResolverOptions } from './lib/resolver.ts'
