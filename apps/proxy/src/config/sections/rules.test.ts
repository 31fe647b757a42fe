import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { type LoadResult, loadConfig } from '../load-config.ts'
import { formatProblem } from '../problem.ts'
import { read } from '../reading.ts'
import { ruleKeys } from './rules.ts'

function load(yaml: string): LoadResult {
  return loadConfig({
    file: 's.yaml',
    env: { TEAM: 'red' },
    flags: [],
    cwd: '/work',
    home: '/home/u',
    readText: () => read(yaml),
  })
}

function rulesOf(yaml: string) {
  const result = load(yaml)
  if (result.kind === 'invalid') throw new Error(result.problems.map(formatProblem).join('\n'))
  return result.config.rules.map(({ match, settings }) => ({ match: match.source, settings }))
}

function problemsOf(yaml: string): string[] {
  const result = load(yaml)
  return result.kind === 'invalid' ? result.problems.map(formatProblem) : []
}

const everyField = `rules:
  - match: "a/**"
    cache: true
    authorization: network
    ttl: { get: 1h, head: 1m }
    stale_if_error: 1d
    stale_while_revalidate: 10s
    negative_ttl: 5s
    honour_cache_control: true
    page_size: 1MiB
`

test('a rule holds what is written in it, and no more', () => {
  expect(rulesOf(everyField)).toEqual([
    {
      match: 'a/**',
      settings: {
        cache: true,
        authorization: 'network',
        getTtlMs: 3_600_000,
        headTtlMs: 60_000,
        staleIfErrorMs: 86_400_000,
        staleWhileRevalidateMs: 10_000,
        negativeTtlMs: 5000,
        honourCacheControl: true,
        pageBytes: 1024 ** 2,
      },
    },
  ])
  expect(
    rulesOf(`rules: [{match: "a/**"}, {match: "\${TEAM}/*.x", ttl: {head: 0}, page_size: 0, cache: false}]`),
  ).toEqual([
    { match: 'a/**', settings: {} },
    { match: 'red/*.x', settings: { headTtlMs: 0, pageBytes: 0, cache: false } },
  ])
})

test('rules may be anchors and aliases', () => {
  expect(rulesOf('rules: [{match: "a/**", ttl: &t {get: 1s}}, {match: "b/**", ttl: *t}]')).toEqual([
    { match: 'a/**', settings: { getTtlMs: 1000 } },
    { match: 'b/**', settings: { getTtlMs: 1000 } },
  ])
})

test.each<readonly [string, string, string]>([
  ['unknown field', '- match: a/**\n    cahce: false', 's.yaml:3:5: rules.0.cahce: unknown key; did you mean cache?'],
  [
    'American spelling',
    '- { match: a/**, honor_cache_control: true }',
    's.yaml:2:20: rules.0.honor_cache_control: unknown key; did you mean honour_cache_control?',
  ],
  [
    'unknown field below',
    '- match: a/**\n    ttl: { gte: 1h }',
    's.yaml:3:12: rules.0.ttl.gte: unknown key; did you mean get?',
  ],
  ['field of the cache section', '- { match: a/**, memory: 1GiB }', 's.yaml:2:20: rules.0.memory: unknown key'],
  [
    'no pattern',
    '- { cache: false }',
    's.yaml:2:5: rules.0.match: is missing; write a pattern such as "bucket/prefix/**"',
  ],
  [
    'pattern that matches nothing',
    '- { match: a/**, cache: false }\n  - { match: bucket, cache: false }',
    's.yaml:3:7: rules.1.match: "bucket" can never match: it has no slash; a pattern is bucket/key, such as bucket/**',
  ],
  [
    'bad duration',
    '- { match: a/**, ttl: { get: 60 } }',
    's.yaml:2:27: rules.0.ttl.get: 60 has no unit; write a duration such as 250ms, 30s, 5m, 1h, 7d or 10y',
  ],
  [
    'lifetime without a name',
    '- { match: a/**, ttl: 1h }',
    's.yaml:2:20: rules.0.ttl: is not a mapping such as {get: 1h}',
  ],
  ['bad word', '- { match: a/**, cache: off }', 's.yaml:2:20: rules.0.cache: "off" is neither true nor false'],
  [
    'mode of a later version',
    '- { match: a/**, authorization: verify }',
    's.yaml:2:20: rules.0.authorization: "verify" is not available in this version; write s3 or network',
  ],
  [
    'odd page',
    '- { match: a/**, page_size: 100KiB }',
    's.yaml:2:20: rules.0.page_size: "100KiB" is not a power of two; 0 turns it off',
  ],
  [
    'small page',
    '- { match: a/**, page_size: 4KiB }',
    's.yaml:2:20: rules.0.page_size: 4KiB is not between 64KiB and 64MiB; 0 turns it off',
  ],
  [
    'text for a rule',
    '- a/**',
    's.yaml:2:5: rules.0: is not a mapping such as {match: "bucket/prefix/**", cache: false}',
  ],
  [
    'mapping for the list',
    '{ "a/**": { cache: false } }',
    's.yaml:2:3: rules: is not a list such as [{match: "bucket/prefix/**", cache: false}]',
  ],
  ['field twice', '- { match: a/**, cache: true, cache: true }', 's.yaml:2:33: rules.cache: is there twice'],
])('%s', (_, yaml, problem) => {
  expect(problemsOf(`rules:\n  ${yaml}\n`)).toEqual([problem])
})

test('all problems of all rules are told at once', () => {
  expect(problemsOf('rules: [{match: x, ttl: {get: 1}, a: 1}, {math: "a/**"}]')).toHaveLength(5)
})

test('a global page size is checked like that of a rule', () => {
  expect(problemsOf('cache: {page_size: 3MiB}')).toEqual([
    's.yaml:1:20: cache.page_size: "3MiB" is not a power of two; 0 turns it off',
  ])
})

test('there are at most 1024 rules', () => {
  const many = (count: number) => `rules: [${'{match: "a/**"},'.repeat(count)}]`
  expect(rulesOf(many(1024))).toHaveLength(1024)
  expect(problemsOf(many(1025))).toEqual(['s.yaml:1:8: rules: must hold at most 1024 items'])
})

test('the example documents every field of a rule', () => {
  const text = readFileSync(new URL('../../../../../config/config.example.yaml', import.meta.url), 'utf8')
  const comment = text.slice(text.indexOf('# What differs for some objects'), text.indexOf('\nrules: []'))
  for (const name of [...ruleKeys([0]), ...ruleKeys([0, 'ttl'])]) {
    expect(comment).toMatch(new RegExp(`^#.*[ {]${name}[:,]`, 'm'))
  }
})

test('the rules in the example are rules', () => {
  const text = readFileSync(new URL('../../../../../config/config.example.yaml', import.meta.url), 'utf8')
  const example = /^# {3}rules:\n(?:# {5}- .*\n)+/m.exec(text)?.[0].replace(/^# {3}/gm, '')
  expect(rulesOf(example ?? '')).toHaveLength(3)
})
