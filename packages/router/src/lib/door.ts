import type { Authority } from './authority.ts'
import { type HostForm, hostForm } from './host.ts'
import {
  accessPointScope,
  multiRegionScope,
  partitionScope,
  type Scope,
  type ScopeOfBucket,
  uncacheableScope,
} from './scope.ts'
import type { Origin, StoreTable } from './store-table.ts'

/** What a host leads to: all of a route but the path. */
export type Door =
  | { readonly kind: 'bucket-in-path'; readonly origin: Origin; readonly scopeOf: ScopeOfBucket }
  | { readonly kind: 'bucket-in-host'; readonly origin: Origin; readonly scope: Scope; readonly bucket: string }

/** A host that leads nowhere, and why. */
export interface NoDoor {
  readonly kind: 'refused'
  readonly code: 'InvalidRequest' | 'AccessDenied'
  readonly reason: string
}

/** What `authority` leads to: a configured store, else S3 itself, else nothing, as the proxy is open to nobody else. */
export function findDoor(authority: Authority, stores: StoreTable): Door | NoDoor {
  if (authority.kind === 'malformed') return { kind: 'refused', code: 'InvalidRequest', reason: authority.reason }
  const match = stores.find(authority)
  switch (match.kind) {
    case 'path-style': {
      const { origin, scope } = match.store
      return { kind: 'bucket-in-path', origin, scopeOf: () => scope }
    }
    case 'virtual-hosted':
      return { kind: 'bucket-in-host', ...match.store, bucket: match.bucket }
    case 'none':
      return awsDoor(hostForm(authority)) ?? unknownHost(authority.hostname, authority.port)
  }
}

function unknownHost(hostname: string, port: number | undefined): NoDoor {
  const written = port === undefined ? hostname : `${hostname}:${port}`
  return {
    kind: 'refused',
    code: 'AccessDenied',
    reason: `${written} is neither an S3 host nor a configured store; name it under upstream.stores to allow it`,
  }
}

function awsDoor(form: HostForm): Door | undefined {
  switch (form.kind) {
    case 'path-style':
      return { kind: 'bucket-in-path', origin: httpsOrigin(form.hostname), scopeOf: partitionScope(form.partition) }
    case 'virtual-hosted':
      return inHost(form.hostname, partitionScope(form.partition)(form.bucket), form.bucket)
    case 'access-point':
      return inHost(form.hostname, accessPointScope(form.partition, form.region, form.account), form.name)
    case 'multi-region-access-point':
      return inHost(form.hostname, multiRegionScope(form.partition), form.alias)
    case 'object-lambda':
    case 'outposts':
      return inHost(form.hostname, uncacheableScope(form.partition, form.kind), '')
    case 'control':
      return inHost(form.hostname, uncacheableScope(form.partition, 'control-plane'), '')
    case 'website':
      return {
        kind: 'bucket-in-host',
        // Website endpoints have no TLS.
        origin: { scheme: 'http', hostname: form.hostname, port: 80 },
        scope: uncacheableScope(form.partition, 'website'),
        bucket: form.bucket ?? '',
      }
    case 'ip':
    case 'unknown':
    case 'malformed':
      return undefined
  }
}

function inHost(hostname: string, scope: Scope, bucket: string): Door {
  return { kind: 'bucket-in-host', origin: httpsOrigin(hostname), scope, bucket }
}

/** AWS is spoken to over TLS, whatever scheme and port the client used towards the proxy. */
function httpsOrigin(hostname: string): Origin {
  return { scheme: 'https', hostname, port: 443 }
}
