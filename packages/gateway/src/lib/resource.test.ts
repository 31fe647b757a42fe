import { createRouter } from '@s3proxy/router'
import { describe, expect, it } from 'vitest'
import { readFields } from './request-fields.ts'
import { createResources, describeResource } from './resource.ts'

const router = createRouter({
  stores: [
    { name: 'store.test', scheme: 'http' },
    { name: 'other.test', scheme: 'http' },
  ],
})

const heads = ['GET', 'HEAD', 'PUT', 'DELETE'].flatMap((method) =>
  ['store.test', 'other.test', 'nowhere.test'].flatMap((host) =>
    ['/b/k', '/b/k?x-id=GetObject', '/b/k?versionId=v', '/b/k?acl', '/b/k%20', '/b', '/', '/b/k?a=1&b=2', '*'].map(
      (target) => ({
        method,
        target,
        headers: ['Host', host],
      }),
    ),
  ),
)

describe('resources', () => {
  it('are the same when they are found again', () => {
    const resources = createResources(router)
    for (let round = 0; round < 2; round++) {
      for (const head of heads) {
        const match = router.match(head)
        const expected = match.kind === 'refused' ? match : describeResource(match.route, head.method)
        expect(resources.find(head, readFields(head.headers))).toEqual(expected)
      }
    }
  })

  it('of requests with another number of hosts are never remembered ones', () => {
    const resources = createResources(router)
    const head = { method: 'GET', target: '/b/k', headers: ['Host', 'store.test'] }
    resources.find(head, readFields(head.headers))
    for (const headers of [
      [],
      ['Host', 'store.test', 'Host', 'store.test'],
      ['Host', 'store.test', 'host', 'other.test'],
    ]) {
      expect(resources.find({ ...head, headers }, readFields(headers))).toMatchObject({ kind: 'refused' })
    }
  })

  it('are bounded', () => {
    const resources = createResources(router)
    const find = (n: number) => {
      const headers = ['Host', 'store.test']
      return resources.find({ method: 'GET', target: `/b/${n}`, headers }, readFields(headers))
    }
    const first = find(0)
    expect(find(0)).toBe(first)
    for (let n = 1; n < 9000; n++) find(n)
    expect(find(0)).not.toBe(first)
    expect(find(0)).toEqual(first)
  })
})
