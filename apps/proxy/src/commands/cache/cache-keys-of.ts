import { cacheKey, createRouter, type StoreConfig } from '@s3proxy/router'
import { bareName } from './selection.ts'

/** One host of each partition of AWS. */
const awsHosts = ['s3.us-east-1.amazonaws.com', 's3.us-gov-west-1.amazonaws.com', 's3.cn-north-1.amazonaws.com.cn']

/** The cache keys of `bucket/key` in AWS and in each of `stores`, as a request for the object would make them. */
export function cacheKeysOf(stores: readonly StoreConfig[]): (name: string) => readonly string[] {
  const router = createRouter({ stores })
  const hosts = [...awsHosts, ...stores.map(({ name }) => name)]
  return (name) => {
    const target = `/${bareName(name).split('/').map(encodeURIComponent).join('/')}`
    const keys = hosts.flatMap((host) => {
      const matched = router.match({ method: 'GET', target, headers: ['Host', host] })
      if (matched.kind !== 'route' || matched.route.address.kind !== 'object') return []
      return [cacheKey(matched.route.address)]
    })
    return [...new Set(keys)]
  }
}
