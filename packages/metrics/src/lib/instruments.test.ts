import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { durationBuckets, type Instrument, instruments } from './instruments.ts'

const readme = readFileSync(new URL('../../README.md', import.meta.url), 'utf8').replace(/ +/g, ' ')
const rows: readonly Instrument[] = Object.values(instruments)

test.each(rows)('$name keeps to the naming rules and stands in the README', ({ kind, name, labels }) => {
  expect(name).toMatch(/^s3proxy_[a-z_]+$/)
  expect(name.endsWith('_total')).toBe(kind === 'counter')
  expect(readme).toContain(
    `| \`${name}\` | ${kind} | ${
      Object.keys(labels)
        .map((label) => `\`${label}\``)
        .join(', ') || '–'
    } |`,
  )
})

test('names are unique and the README has no others', () => {
  const names = rows.map(({ name }) => name)
  expect(new Set(names).size).toBe(names.length)
  const documented = [...readme.matchAll(/^\| `(s3proxy_[a-z_]+)` \|/gm)].map(([, name]) => name)
  expect(documented).toEqual([...names, 's3proxy_build_info'])
})

test('buckets ascend', () => {
  expect([...durationBuckets]).toEqual([...durationBuckets].sort((a, b) => a - b))
})
