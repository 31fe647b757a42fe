import {
  classifyOperation,
  type Operation,
  ownText,
  parseQuery,
  parseReadParameters,
  type QueryParameter,
  type ReadParameters,
  type RequestHead,
} from '@s3proxy/protocol'
import { type Address, bucketKey, cacheKey, type Route, type RouteMatch, type Router } from '@s3proxy/router'
import type { RequestFields } from './request-fields.ts'

/** What method, host and target of a request say, whatever its fields are. */
export interface Resource {
  readonly route: Route
  readonly query: readonly QueryParameter[]
  readonly versionId: string | undefined
  /** Undefined for methods whose operation depends on fields too. */
  readonly operation: Operation | undefined
  /** Of a GET or HEAD of an object. */
  readonly object: ReadableObject | undefined
}

/** An object as a read names it. */
export interface ReadableObject {
  readonly parameters: ReadParameters
  /** Canonical name in the cache, with the version asked for. */
  readonly key: string
  /** Canonical name of its bucket. */
  readonly bucket: string
  readonly address: Address & { readonly kind: 'object' }
}

/** Takes the target of a routed request apart. Pure. */
export function describeResource(route: Route, method: string): Resource {
  const query = parseQuery(route.query)
  const versionId = query.find((parameter) => parameter.name === 'versionId')?.value
  const { address } = route
  const isSafe = method === 'GET' || method === 'HEAD'
  const operation = isSafe ? classifyOperation({ method, scope: scopeOf(address), query, headers: [] }) : undefined
  if (operation?.kind !== 'read' || address.kind !== 'object') {
    return { route, query, versionId, operation, object: undefined }
  }
  const parameters = parseReadParameters(query)
  const { namespace, bucket, key } = address
  const version = parameters.kind === 'known' ? parameters.versionId : undefined
  const object: ReadableObject = {
    parameters,
    key: cacheKey(version === undefined ? { namespace, bucket, key } : { namespace, bucket, key, versionId: version }),
    bucket: bucketKey({ namespace, bucket }),
    address,
  }
  return { route, query, versionId, operation, object }
}

/** What an address is to the table of operations. */
export function scopeOf(address: Address): 'service' | 'bucket' | 'object' {
  return address.kind === 'uncacheable' ? 'service' : address.kind
}

/** The resource of a request, or why it has none. */
export type FoundResource = Resource | (RouteMatch & { readonly kind: 'refused' })

/** Finds the resource of a request; those read often need not be taken apart again. */
export interface Resources {
  find(head: RequestHead, fields: RequestFields): FoundResource
}

/** Resources remembered of each method, and the longest target: some 10 MiB at most. */
const maxRemembered = 8192
const maxTargetLength = 512

/** Remembers nothing yet. */
export function createResources(router: Router): Resources {
  const remembered = { GET: createMemo(), HEAD: createMemo() }

  const describe = (head: RequestHead): FoundResource => {
    const match = router.match(head)
    return match.kind === 'refused' ? match : describeResource(match.route, head.method)
  }
  return {
    find(head, { host, hosts }) {
      const { method, target } = head
      const memo = method === 'GET' || method === 'HEAD' ? remembered[method] : undefined
      if (memo === undefined || host === undefined || hosts !== 1 || target.length > maxTargetLength) {
        return describe(head)
      }
      const known = memo.get(host, target)
      if (known !== undefined) return known
      // Copies: slices would keep the whole heads they were cut from alive.
      const [ownHost, ownTarget] = [ownText(host), ownText(target)]
      const found = describe({ method, target: ownTarget, headers: ['Host', ownHost] })
      // A presigned URL comes a few times at most.
      if ('route' in found && found.object !== undefined && found.query.length <= 1) memo.set(ownHost, ownTarget, found)
      return found
    },
  }
}

function createMemo() {
  const hosts = new Map<string, Map<string, Resource>>()
  let size = 0
  return {
    get: (host: string, target: string) => hosts.get(host)?.get(target),
    set(host: string, target: string, resource: Resource) {
      // Clients choose the names, so there is a bound; beginning anew is cheaper than keeping order.
      if (size++ >= maxRemembered) {
        hosts.clear()
        size = 1
      }
      const targets = hosts.get(host)
      if (targets === undefined) hosts.set(host, new Map([[target, resource]]))
      else targets.set(target, resource)
    },
  }
}
