// What a policy costs: `node apps/proxy/bench/policies.ts`. CPU time: nanoseconds per look-up in
// the best round, milliseconds to read the file and to make its rules ready.

import { loadConfig } from '../src/config/load-config.ts'
import { read } from '../src/config/reading.ts'
import { createPolicies } from '../src/policies/policies.ts'
import type { PolicyConfig } from '../src/policies/rule-policies.ts'

const rounds = 9
const roundMs = 60

/** Keys of the usual shapes, each looked up in turn. */
const keys = Array.from(
  { length: 997 },
  (_, i) =>
    [
      i % 3 === 0 ? 'build-cache' : `team-${i % 500}`,
      `project-${i % 40}/2026/08/${i}/part-${String(i).padStart(5, '0')}.snappy.parquet`,
    ] as const,
)

const lists: Readonly<Record<string, readonly object[]>> = {
  'no rules': [],
  '10 rules, a bucket each': each(10, (i) => ({ match: `team-${i}/**`, ttl: { get: '1h' } })),
  '1000 rules, a bucket each': each(1000, (i) => ({ match: `team-${i}/**`, ttl: { get: `${i}s` } })),
  '1000 rules, a prefix each': each(1000, (i) => ({
    match: `team-${i % 500}/project-${i % 40}/**`,
    cache: i % 2 === 0,
  })),
  '10 rules, mixed patterns': each(10, (i) => ({
    match: [`team-${i}/**`, `team-*/project-${i}/**`, '**.tmp'][i % 3],
    cache: false,
  })),
  '1000 rules by ending': each(1000, (i) => ({ match: `**.ext${i}`, ttl: { get: '1m' } })),
  '1000 rules, stars everywhere': each(1000, (i) => ({ match: `*/p*-${i}/**/part-*.x`, ttl: { get: '1m' } })),
}

function each<T>(count: number, make: (i: number) => T): T[] {
  return Array.from({ length: count }, (_, i) => make(i))
}

function configOf(rules: readonly object[]): { readonly config: PolicyConfig; readonly loadMs: number } {
  const startedAt = process.cpuUsage()
  const text = JSON.stringify({ rules }, undefined, 1)
  const result = loadConfig({ file: 'bench.yaml', env: {}, flags: [], cwd: '/', home: '/', readText: () => read(text) })
  if (result.kind === 'invalid') throw new Error(result.problems[0]?.message)
  return { config: result.config, loadMs: process.cpuUsage(startedAt).user / 1000 }
}

let sink: unknown

function measure(work: (i: number) => unknown): number {
  let calls = 0
  const endAt = performance.now() + roundMs
  for (; performance.now() < endAt; calls += 64) for (let i = 0; i < 64; i += 1) sink = work(calls + i)
  const times = each(rounds, () => {
    const startedAt = process.cpuUsage()
    for (let i = 0; i < calls; i += 1) sink = work(i)
    return (process.cpuUsage(startedAt).user * 1000) / calls
  })
  return Math.min(...times)
}

process.stdout.write(
  `${'rules'.padEnd(32)} ${'look-up'.padStart(12)} ${'make ready'.padStart(12)} ${'read file'.padStart(12)}\n`,
)
for (const [name, rules] of Object.entries(lists)) {
  const { config, loadMs } = configOf(rules)
  const startedAt = process.cpuUsage()
  const { policies } = createPolicies(config)
  const readyMs = process.cpuUsage(startedAt).user / 1000
  const ns = measure((i) => {
    const [bucket, key] = keys[i % keys.length] as (typeof keys)[number]
    return policies.of(bucket, key)
  })
  process.stdout.write(
    `${name.padEnd(32)} ${`${ns.toFixed(0)} ns`.padStart(12)} ${`${readyMs.toFixed(1)} ms`.padStart(12)} ${`${loadMs.toFixed(0)} ms`.padStart(12)}\n`,
  )
}
if (sink === undefined) throw new Error('nothing was measured')
