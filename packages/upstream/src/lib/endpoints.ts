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
      const ordered = rotate(targets, turn++)
      return resolveTargets(ordered, resolver, origin.port)
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
): readonly Endpoint[] | Promise<readonly Endpoint[]> {
  if (targets.every(({ host }) => isIP(host) !== 0)) {
    return targets.map(({ host, port }) => ({ address: host, port: port ?? defaultPort }))
  }
  return resolveNames(targets, resolver, defaultPort)
}

/** A name that does not resolve is left out as long as another does. */
async function resolveNames(
  targets: readonly HostAndPort[],
  resolver: Resolver,
  defaultPort: number,
): Promise<readonly Endpoint[]> {
  const found = await Promise.allSettled(targets.map(async ({ host }) => resolver.resolve(host)))
  const endpoints = found.flatMap((result, index) => {
    const port = targets[index]?.port ?? defaultPort
    return result.status === 'fulfilled' ? result.value.map((address) => ({ address, port })) : []
  })
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
