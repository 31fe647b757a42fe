import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { loadConfig } from './load-config.ts'
import { formatProblem } from './problem.ts'
import { read } from './reading.ts'
import { ruleKeys } from './sections/rules.ts'

const page = readFileSync(new URL('../../../../docs/configuration-rules.md', import.meta.url), 'utf8')
const examples = [...page.matchAll(/```yaml\n(.*?)```/gs)].map(([, yaml = '']) => yaml)

test.each(examples)('the configuration in the page about rules is right: %s', (yaml) => {
  const readText = () => read(yaml)
  const result = loadConfig({ file: 's.yaml', env: {}, flags: [], cwd: '/work', home: '/home/u', readText })
  expect((result.kind === 'config' ? result.warnings : result.problems).map(formatProblem)).toEqual([])
  expect(result.kind === 'config' && result.config.rules.length).toBeGreaterThan(0)
})

test('the page about rules has three worked examples and one to begin with, and names every field', () => {
  expect(examples).toHaveLength(4)
  for (const name of ruleKeys([0])) expect(page).toMatch(new RegExp(`^\\| \`${name}[\`:]`, 'm'))
})
