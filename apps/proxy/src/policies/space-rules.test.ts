import { cacheKey } from '@s3proxy/router'
import { expect, test } from 'vitest'
import type { RuleConfig } from '../config/config.ts'
import { loadConfig } from '../config/load-config.ts'
import { read } from '../config/reading.ts'
import { createSpaceRules } from './space-rules.ts'

function rules(yaml: string): readonly RuleConfig[] {
  const readText = () => read(`rules: [${yaml}]`)
  const result = loadConfig({ file: 's.yaml', env: {}, flags: [], cwd: '/w', home: '/h', readText })
  if (result.kind === 'invalid') throw new Error(JSON.stringify(result.problems))
  expect(result.warnings).toEqual([])
  return result.config.rules
}

const key = (bucket: string, object: string) => cacheKey({ namespace: 'aws', bucket, key: object })

test('for pin and quota each, the first rule counts that matches and sets it', () => {
  const { rules: space } = createSpaceRules(
    rules('{match: "a/x/**", pin: true}, {match: "a/**", pin: false, quota: 5MiB}, {match: "**", quota: 9MiB}'),
  )
  expect(space.any).toBe(true)
  expect(space.of(key('a', 'x/1'))).toEqual({ pinned: true, quota: { name: 'a/**', bytes: 5 * 1024 ** 2 } })
  expect(space.of(key('a', 'y'))).toEqual({ pinned: false, quota: { name: 'a/**', bytes: 5 * 1024 ** 2 } })
  expect(space.of(key('b', 'y'))).toEqual({ pinned: false, quota: { name: '**', bytes: 9 * 1024 ** 2 } })
  expect(space.of('no key')).toEqual({ pinned: false, quota: undefined })
})

test('other rules take their place at once, and rules about other things cost nothing', () => {
  const { rules: space, replace } = createSpaceRules(rules('{match: "a/**", pin: true}'))
  expect(space.of(key('a', 'y')).pinned).toBe(true)
  replace(rules('{match: "a/**", cache: false}'))
  expect([space.any, space.of(key('a', 'y')).pinned]).toEqual([false, false])
})
