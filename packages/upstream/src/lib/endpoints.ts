import { isIP } from 'node:net'
import { ProxyError } from '@s3proxy/protocol'
import type { Origin } from './client.ts'
import type { Endpoint } from './dial.ts'
import { compileHostPatterns, type HostAndPort, parseHostAndPort } from './host-patterns.ts'
import type { Resolver } from './resolver.ts'

/** Chooses where to connect for an origin. */
export interface Endpoints {
  /** Endpoints in the order in which to try them; at least one. Rejects (or throws) with `ServiceUnavailable` or `AccessDenied`. */
  candidates(origin: Origin): readonly Endpoint[] | Promise<readonly Endpoint[]>
}

/** What {@link createEndpoints} is made of. */
export interface EndpointsOptions {
  readonly overrides: Readonly<Record<string, readonly string[]>>
  readonly resolver: Resolver
  readonly admitAddress: (address: string, origin: Origin) => boolean
}

/** Overrides first, then the resolver. Successive calls begin with successive addresses. */
export function createEndpoints({ overrides, resolver, admitAddress }: EndpointsOptions): Endpoints {
  const patterns = compileHostPatterns(
    Object.fromEntries(Object.entries(overrides).map(([pattern, values]) => [pattern, parseTargets(pattern, values)])),
  )
  let turn = 0

  const admitted = (addresses: readonly string[], origin: Origin): readonly Endpoint[] => {
    const allowed = addresses.filter((address) => admitAddress(address, origin))
    if (allowed.length > 0) return inTurn(allowed, turn++, origin.port)
    throw new ProxyError('AccessDenied', {
      source: 'proxy',
      reason: 'destination-not-allowed',
      message: 'The address of the store is not an allowed destination.',
    })
  }

  return {
    candidates(origin) {
      const targets = patterns.match(origin.hostname, origin.port)
      if (targets === undefined) {
        const addresses = resolver.resolve(origin.hostname)
        if (addresses instanceof Promise) return addresses.then((found) => admitted(found, origin))
        return admitted(addresses, origin)
      }
      return resolveTargets(targets, resolver, origin.port, turn++)
    },
  }
}

function parseTargets(pattern: string, values: readonly string[]): readonly HostAndPort[] {
  if (values.length === 0) throw new TypeError(`the override of "${pattern}" names no endpoint`)
  return values.map((value) => {
    const target = isIP(value) === 0 ? parseHostAndPort(value) : { host: value.toLowerCase(), port: undefined }
    if (target === undefined) throw new TypeError(`"${value}" in the override of "${pattern}" is not an endpoint`)
    return target
  })
}

function resolveTargets(
  targets: readonly HostAndPort[],
  resolver: Resolver,
  defaultPort: number,
  turn: number,
): readonly Endpoint[] | Promise<readonly Endpoint[]> {
  const ordered = rotate(targets, turn).map(({ host, port }) => ({ host, port: port ?? defaultPort }))
  if (ordered.every(({ host }) => isIP(host) !== 0))
    return ordered.map(({ host: address, port }) => ({ address, port }))
  return resolveNames(ordered, resolver, turn)
}

/** A name that does not resolve is left out as long as there is another endpoint. */
async function resolveNames(
  targets: readonly { readonly host: string; readonly port: number }[],
  resolver: Resolver,
  turn: number,
): Promise<readonly Endpoint[]> {
  const found = await Promise.allSettled(
    targets.map(async ({ host, port }) => {
      const addresses = isIP(host) === 0 ? await resolver.resolve(host) : [host]
      return inTurn(addresses, turn, port)
    }),
  )
  const endpoints = found.flatMap((result) => (result.status === 'fulfilled' ? result.value : []))
  if (endpoints.length > 0) return endpoints
  throw found.find((result) => result.status === 'rejected')?.reason
}

/** Each family in turn, IPv4 before IPv6. */
function inTurn(addresses: readonly string[], turn: number, port: number): Endpoint[] {
  const v4 = addresses.filter((address) => isIP(address) === 4)
  const v6 = addresses.filter((address) => isIP(address) === 6)
  return [...rotate(v4, turn), ...rotate(v6, turn)].map((address) => ({ address, port }))
}

function rotate<T>(items: readonly T[], by: number): readonly T[] {
  if (items.length < 2) return items
  const start = by % items.length
  return [...items.slice(start), ...items.slice(0, start)]
}
