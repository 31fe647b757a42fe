import { expect, test } from 'vitest'
import { loadConfig } from './load-config.ts'
import { formatProblem } from './problem.ts'
import { read } from './reading.ts'

function warningsOf(rules: string): string[] {
  const readText = () => read(`rules:\n${rules}`)
  const result = loadConfig({ file: 's.yaml', env: {}, flags: [], cwd: '/work', home: '/home/u', readText })
  return (result.kind === 'config' ? result.warnings : result.problems).map(formatProblem)
}

test.each([
  ['- { match: a/**, cache: false }', []],
  ['- { match: a/b/**, cache: false }\n- { match: a/**, cache: true }', []],
  ['- { match: a/**, cache: false }\n- { match: a/b/**, cache: true, ttl: { get: 1s } }', []],
  ['- { match: a/*, cache: false }\n- { match: a/b/**, cache: true }', []],
  [`- { match: 'a/\\[x\\]\\{y}\\\\', cache: false }`, []],
  ['- { match: a/** }', ['s.yaml:2:3: rules.0: sets nothing']],
  [
    '- { match: "a/{b,c}/**", cache: false }',
    ['s.yaml:2:3: rules.0: brackets and braces in a pattern stand for themselves; write \\[ or \\{ if that is meant'],
  ],
  [
    '- { match: a/**, cache: false }\n- { match: a/b/*, cache: true }',
    ['s.yaml:3:3: rules.1: never counts: what it sets is set before, for "a/**"; put the narrower rule first'],
  ],
  [
    '- { match: "**", cache: false }\n- { match: a/*, page_size: 0 }\n- { match: a/*, page_size: 0, cache: true }',
    ['s.yaml:4:3: rules.2: never counts: what it sets is set before, for "**", "a/*"; put the narrower rule first'],
  ],
])('%s', (rules, warnings) => {
  expect(warningsOf(rules)).toEqual(warnings)
})
