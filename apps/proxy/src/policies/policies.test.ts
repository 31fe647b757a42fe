import { createNetworkAuthoriser } from '@s3proxy/auth'
import { expect, test } from 'vitest'
import { loadConfig } from '../config/load-config.ts'
import { read } from '../config/reading.ts'
import { createPolicies } from './policies.ts'

function config(yaml: string) {
  const result = loadConfig({ file: 's.yaml', env: {}, flags: [], cwd: '/w', home: '/h', readText: () => read(yaml) })
  if (result.kind === 'invalid') throw new Error(JSON.stringify(result.problems))
  return result.config
}

test('a new configuration is in force for the next look-up, as a whole', () => {
  const { policies, replace } = createPolicies(
    config('cache: {ttl: {get: 1s}}\nrules: [{match: "b/**", cache: false, ttl: {head: 1s}}]'),
  )
  const before = policies.of('b', 'k')
  expect([before.cache, before.getTtlMs, before.headTtlMs]).toEqual([false, 1000, 1000])
  replace(config('cache: {ttl: {get: 2s}, page_size: 64KiB}\nrules: [{match: "c/**", ttl: {head: 2s}}]'))
  const after = policies.of('b', 'k')
  expect([after.cache, after.getTtlMs, after.headTtlMs, after.pageBytes]).toEqual([true, 2000, 60_000, 65_536])
  expect(policies.of('c', 'k').headTtlMs).toBe(2000)
  expect([before.cache, before.getTtlMs]).toEqual([false, 1000])
})

test('who may read is remembered across configurations', () => {
  const asking = config('{}')
  const trusting = config('rules: [{match: "b/**", authorization: network}]')
  const { policies, replace } = createPolicies(asking)
  const { authoriser } = policies.of('b', 'k')
  replace(trusting)
  expect(policies.of('b', 'k').authoriser).not.toBe(authoriser)
  expect(policies.of('c', 'k').authoriser).toBe(authoriser)
  replace(asking)
  expect(policies.of('b', 'k').authoriser).toBe(authoriser)
})

test('an authoriser that is given counts for all', () => {
  const given = createNetworkAuthoriser()
  const { policies } = createPolicies(config('rules: [{match: "b/**", authorization: s3}]'), given)
  expect([policies.of('b', 'k').authoriser, policies.of('c', 'k').authoriser]).toEqual([given, given])
})
