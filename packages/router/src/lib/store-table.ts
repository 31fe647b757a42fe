import { type Authority, defaultPorts, parseAuthority } from './authority.ts'
import { type Scope, storeScope } from './scope.ts'

/** A store that is not AWS: MinIO, Ceph, R2, Wasabi. */
export interface StoreConfig {
  /** `host[:port]` as clients write it. Virtual-hosted names end in it: `<bucket>.<name>`. */
  readonly name: string
  /** How to speak with the store. */
  readonly scheme: 'http' | 'https'
  /**
   * `host[:port]` to connect to; also the TLS server name and the identity in the cache, so that two names with one
   * endpoint share what is cached. Default: `name`.
   */
  readonly endpoint?: string | undefined
}

/** Where a request goes. The shape that `@s3proxy/upstream` connects to. */
export interface Origin {
  readonly scheme: 'http' | 'https'
  /** Lower-case host name or IP literal (IPv6 without brackets). */
  readonly hostname: string
  /** 1 to 65535. */
  readonly port: number
}

/** A configured store, made ready. */
export interface Store {
  readonly origin: Origin
  readonly scope: Scope
}

/** The result of a look-up by host. */
export type StoreMatch =
  | { readonly kind: 'path-style'; readonly store: Store }
  | { readonly kind: 'virtual-hosted'; readonly store: Store; readonly bucket: string }
  | { readonly kind: 'none' }

/** The configured stores, by the host of a request. */
export interface StoreTable {
  find(authority: Authority): StoreMatch
}

const none: StoreMatch = { kind: 'none' }

/**
 * Compiles the configured stores. Throws TypeError for a name or endpoint that is no `host[:port]` and for two stores
 * that answer to one name.
 */
export function createStoreTable(configs: readonly StoreConfig[]): StoreTable {
  const stores = new Map<string, Store>()
  const virtualHosts = new Set<string>()
  for (const config of configs) {
    const name = requireAuthority(config.name, 'name')
    const endpoint = config.endpoint === undefined ? name : requireAuthority(config.endpoint, 'endpoint')
    const store = createStore(config.scheme, endpoint)
    const defaultPort = defaultPorts[config.scheme]
    const port = name.port ?? defaultPort
    for (const spelling of port === defaultPort ? [port, undefined] : [port]) {
      const claim = storeKey(name.hostname, spelling)
      if (stores.has(claim)) throw new TypeError(`two stores answer to ${claim}`)
      stores.set(claim, store)
    }
    if (name.kind === 'name') virtualHosts.add(name.hostname)
  }
  return {
    find(authority) {
      if (stores.size === 0 || authority.kind === 'malformed') return none
      const { hostname, port } = authority
      const exact = stores.get(storeKey(hostname, port))
      if (exact !== undefined) return { kind: 'path-style', store: exact }
      if (authority.kind !== 'name') return none
      // From the left, so that the first name found is the longest.
      for (let dot = hostname.indexOf('.'); dot !== -1; dot = hostname.indexOf('.', dot + 1)) {
        const parent = hostname.slice(dot + 1)
        if (!virtualHosts.has(parent)) continue
        const store = stores.get(storeKey(parent, port))
        if (store !== undefined) return { kind: 'virtual-hosted', store, bucket: hostname.slice(0, dot) }
      }
      return none
    },
  }
}

function createStore(scheme: 'http' | 'https', endpoint: Exclude<Authority, { kind: 'malformed' }>): Store {
  const { hostname } = endpoint
  const port = endpoint.port ?? defaultPorts[scheme]
  return { origin: { scheme, hostname, port }, scope: storeScope(hostname, port) }
}

function requireAuthority(text: string, what: string): Exclude<Authority, { kind: 'malformed' }> {
  const authority = parseAuthority(text)
  if (authority.kind === 'malformed') {
    throw new TypeError(`the ${what} ${JSON.stringify(text)} of a store is no host[:port]: ${authority.reason}`)
  }
  return authority
}

function storeKey(hostname: string, port: number | undefined): string {
  return port === undefined ? hostname : `${hostname}|${port}`
}
