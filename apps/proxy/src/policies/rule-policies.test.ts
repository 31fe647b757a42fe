import type { Authoriser } from '@s3proxy/auth'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { ReadSettings, RuleConfig } from '../config/config.ts'
import { compileGlob } from '../glob/glob.ts'
import { parseGlob } from '../glob/glob-pattern.ts'
import { createRulePolicies, type PolicyConfig } from './rule-policies.ts'

const authorisers: Readonly<Record<'s3' | 'network', Authoriser>> = {
  s3: { authorise: () => ({ kind: 'ask', reason: 'every-request' }) },
  network: { authorise: () => ({ kind: 'granted' }) },
}

/** Settings of `cache` that no rule can differ in. */
const ofTheStore = new Set([
  'directory',
  'maxBytes',
  'minFree',
  'memoryBytes',
  'presignedMemoMs',
  'eviction',
  'compression',
  'verifyFills',
  'scrub',
])

const cache: PolicyConfig['cache'] = {
  directory: '/c',
  maxBytes: 0,
  minFree: { bytes: 0 },
  memoryBytes: 0,
  eviction: 's3-fifo',
  compression: 'off',
  verifyFills: 'off',
  scrub: { bytesPerSecond: 0, intervalMs: 1 },
  presignedMemoMs: 0,
  authorization: 's3',
  getTtlMs: 1,
  headTtlMs: 2,
  staleIfErrorMs: 3,
  staleWhileRevalidateMs: 4,
  negativeTtlMs: 5,
  honourCacheControl: false,
  pageBytes: 0,
}
const readDefaults = Object.fromEntries(
  Object.entries(cache).filter(([name]) => !ofTheStore.has(name)),
) as unknown as ReadSettings

function rule(source: string, settings: Partial<ReadSettings>): RuleConfig {
  const match = parseGlob(source)
  if (match.kind === 'malformed') throw new Error(match.message)
  return { match: match.value, settings }
}

function policiesOf(...rules: readonly RuleConfig[]) {
  return createRulePolicies({ cache, rules }, authorisers)
}

function binary(text: string): string {
  return Buffer.from(text, 'utf8').toString('latin1')
}

test('without rules everything is as in the cache section, and cached', () => {
  expect(policiesOf().of('b', 'k')).toEqual({
    cache: true,
    authoriser: authorisers.s3,
    getTtlMs: 1,
    headTtlMs: 2,
    staleIfErrorMs: 3,
    staleWhileRevalidateMs: 4,
    negativeTtlMs: 5,
    honourCacheControl: false,
    pageBytes: 0,
  })
})

test('for each setting the first rule counts that matches and sets it', () => {
  const { of } = policiesOf(
    rule('b/secret/**', { cache: false }),
    rule('b/**.json', { getTtlMs: 10, headTtlMs: 11 }),
    rule('b/**', { getTtlMs: 20, authorization: 'network', pageBytes: 65_536 }),
    rule('**', { getTtlMs: 30, headTtlMs: 31, honourCacheControl: true }),
  )
  const show = (bucket: string, key: string) => {
    const { cache, authoriser, getTtlMs, headTtlMs, honourCacheControl } = of(bucket, key)
    return [cache, authoriser === authorisers.network, getTtlMs, headTtlMs, honourCacheControl]
  }
  expect(show('b', 'x')).toEqual([true, true, 20, 31, true])
  expect(show('b', 'x.json')).toEqual([true, true, 10, 11, true])
  expect(show('b', 'secret/x.json')).toEqual([false, true, 10, 11, true])
  expect(show('b', 'secret')).toEqual([true, true, 20, 31, true])
  expect(show('c', 'secret/x.json')).toEqual([true, false, 30, 31, true])
})

test('keys are compared as bytes', () => {
  const { of } = policiesOf(rule('b/é?/**', { getTtlMs: 9 }))
  expect(of('b', binary('éé/x')).getTtlMs).toBe(9)
  expect(of('b', 'éé/x').getTtlMs).toBe(1)
})

test('policies are frozen, and one object for each distinct combination', () => {
  const { of } = policiesOf(
    rule('a/**', { getTtlMs: 9 }),
    rule('b/*', { getTtlMs: 9 }),
    rule('c/**', { getTtlMs: 1 }),
    rule('c/*', { headTtlMs: 2 }),
  )
  expect(Object.isFrozen(of('a', 'k'))).toBe(true)
  expect(of('a', 'k')).toBe(of('a', 'l'))
  expect(of('b', 'k')).toBe(of('a', 'k'))
  expect(of('c', 'k')).toBe(of('d', 'k'))
})

test('each combination is right, however many there are', () => {
  const count = 3000
  const rules = Array.from({ length: count }, (_, i) => rule(`b/*-${i}-*`, { getTtlMs: i }))
  const { of } = policiesOf(...rules, rule('b/*-x', { headTtlMs: 7 }))
  for (let i = 0; i < count; i += 1) {
    const { getTtlMs, headTtlMs } = of('b', `a-${i}-x`)
    expect([getTtlMs, headTtlMs]).toEqual([i, 7])
  }
})

test('every list of rules means what it means when each rule is tried in turn', () => {
  const step = fc.constantFrom('*', '**', '?', '/', 'a', 'b', 'ab', 'a/', '/b')
  const pattern = fc
    .array(step, { minLength: 1, maxLength: 5 })
    .map((steps) => steps.join(''))
    .filter((source) => parseGlob(source).kind === 'value')
  const settings = fc.record(
    {
      cache: fc.boolean(),
      authorization: fc.constantFrom('s3' as const, 'network' as const),
      getTtlMs: fc.nat({ max: 3 }),
      negativeTtlMs: fc.nat({ max: 3 }),
    },
    { requiredKeys: [] },
  )
  const rules = fc.array(fc.tuple(pattern, settings), { maxLength: 12 })
  const name = fc.string({ unit: fc.constantFrom('a', 'b', '/'), minLength: 1, maxLength: 6 })
  const addresses = fc.array(fc.tuple(fc.constantFrom('a', 'b', 'ab', 'ba'), name), { maxLength: 8 })
  fc.assert(
    fc.property(rules, addresses, (list, asked) => {
      const written = list.map(([source, set]) => rule(source, set))
      const { of } = policiesOf(...written)
      for (const [bucket, key] of asked) {
        let expected: Partial<ReadSettings> = {}
        for (const { match, settings: set } of written) {
          if (compileGlob(match).matches(`${bucket}/${key}`)) expected = { ...set, ...expected }
        }
        const { authorization, ...values } = { ...readDefaults, cache: true, ...expected }
        expect(of(bucket, key)).toEqual({ ...values, authoriser: authorisers[authorization] })
      }
    }),
    { numRuns: 2000 },
  )
})
