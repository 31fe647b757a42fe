import type { RawHeaders, RequestHead } from '@s3proxy/protocol'
import { type Address, addressInBucket, addressInPath } from './address.ts'
import { defaultPorts, maxAuthorityLength, parseAuthority } from './authority.ts'
import { type Door, findDoor, type NoDoor } from './door.ts'
import { createStoreTable, type Origin, type StoreConfig } from './store-table.ts'
import { parseTarget } from './target.ts'

/** Where a request goes and what it is about. */
export interface Route {
  readonly origin: Origin
  /** The value of `Host` as sent: it is signed. */
  readonly authority: string
  /** The target to send upstream, in origin-form: `path` and query byte for byte as sent. */
  readonly target: string
  /** Raw; begins with `/`. */
  readonly path: string
  /** Raw, without the `?`; empty if there is none. */
  readonly query: string
  readonly address: Address
}

/** Why there is no route. */
export interface Refusal {
  readonly kind: 'refused'
  readonly code: 'InvalidRequest' | 'InvalidURI' | 'MissingHostHeader' | 'AccessDenied'
  /** For the client and the log; holds nothing secret and, of the request, at most the host. */
  readonly reason: string
}

/** The result of {@link Router.match}. */
export type RouteMatch = { readonly kind: 'route'; readonly route: Route } | Refusal

/** What a router is made of. */
export interface RouterOptions {
  /** Stores other than AWS. Default: none. A store whose name is one of AWS's takes that name over. */
  readonly stores?: readonly StoreConfig[]
  /** How many hosts are remembered, so that they need not be taken apart again. Default 4096. */
  readonly maxRememberedHosts?: number
}

/** Finds the store, bucket and key of a request. */
export interface Router {
  /** Synchronous and total: it answers for every head and never throws. */
  match(head: RequestHead): RouteMatch
}

/**
 * Creates a router. The proxy is open to S3 and to the configured stores and to nothing else. Throws TypeError for a
 * store that cannot be.
 */
export function createRouter({ stores = [], maxRememberedHosts = 4096 }: RouterOptions = {}): Router {
  const table = createStoreTable(stores)
  const doors = new Map<string, Door>()

  function doorOf(host: string): Door | NoDoor {
    const known = doors.get(host)
    if (known !== undefined) return known
    const remembered = copyOf(host.slice(0, maxAuthorityLength + 1))
    const door = findDoor(parseAuthority(remembered), table)
    if (door.kind === 'refused') return door
    // Hosts are chosen by clients, so the memory is bounded; starting anew is cheaper than keeping order.
    if (doors.size >= maxRememberedHosts) doors.clear()
    doors.set(remembered, door)
    return door
  }

  function route(authority: string, target: string, path: string, query = ''): RouteMatch {
    const door = doorOf(authority)
    switch (door.kind) {
      case 'refused':
        return door
      case 'bucket-in-host': {
        const address = addressInBucket(door.scope, door.bucket, path)
        return { kind: 'route', route: { origin: door.origin, authority, target, path, query, address } }
      }
      case 'bucket-in-path': {
        const match = addressInPath(door.scopeOf, path)
        if (match.kind === 'refused') return refused('InvalidRequest', match.reason)
        const { address } = match
        return { kind: 'route', route: { origin: door.origin, authority, target, path, query, address } }
      }
    }
  }

  return {
    match(head) {
      const host = singleHost(head.headers)
      if (host.kind === 'refused') return host
      const target = parseTarget(head.target)
      switch (target.kind) {
        case 'origin':
          return route(host.value, head.target, target.path, target.query)
        case 'absolute': {
          const authorities = compareAuthorities(target.authority, host.value, target.scheme)
          if (authorities !== 'same') {
            return refused('InvalidRequest', `the Host header and the host of the request target are ${authorities}`)
          }
          const path = target.path === '' ? '/' : target.path
          const originForm = target.query === undefined ? path : `${path}?${target.query}`
          return route(host.value, originForm, path, target.query)
        }
        case 'authority':
        case 'asterisk':
          return refused('InvalidRequest', 'the request target names no resource')
        case 'malformed':
          return refused('InvalidURI', target.reason)
      }
    },
  }
}

type HostField = { readonly kind: 'host'; readonly value: string } | Refusal

/** The one `Host` of a request (RFC 9112 section 3.2: none and two are both errors). */
function singleHost(headers: RawHeaders): HostField {
  let value: string | undefined
  for (let i = 0; i + 1 < headers.length; i += 2) {
    const name = headers[i] as string
    if (name.length !== 4 || name.toLowerCase() !== 'host') continue
    if (value !== undefined) return refused('InvalidRequest', 'the request has more than one Host header')
    value = headers[i + 1] as string
  }
  if (value === undefined) return refused('MissingHostHeader', 'the request has no Host header')
  return { kind: 'host', value }
}

/** How the authority of an absolute-form target goes with the Host header of the same request. */
function compareAuthorities(
  target: string,
  host: string,
  scheme: 'http' | 'https',
): 'same' | 'different' | 'malformed' {
  if (target === host) return 'same'
  const left = parseAuthority(target)
  const right = parseAuthority(host)
  if (left.kind === 'malformed' || right.kind === 'malformed') return 'malformed'
  const defaultPort = defaultPorts[scheme]
  const samePort = (left.port ?? defaultPort) === (right.port ?? defaultPort)
  return samePort && left.hostname === right.hostname ? 'same' : 'different'
}

/** A copy that shares no memory: engines make slices that keep the whole string they were cut from alive. */
function copyOf(text: string): string {
  return text.split('').join('')
}

function refused(code: Refusal['code'], reason: string): Refusal {
  return { kind: 'refused', code, reason }
}
