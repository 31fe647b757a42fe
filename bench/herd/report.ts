import { spreadOf } from '../lib/statistics.ts'
import { formatTable } from '../lib/table.ts'
import type { HerdResult } from './measure.ts'
import { scenarios } from './scripts.ts'

/** Tables for people: medians over the rounds, and the spread of what matters most. */
export function formatHerd(results: readonly HerdResult[]): string {
  const parts: string[] = []
  for (const scenario of scenarios) {
    const names = new Set(results.filter((each) => each.scenario === scenario.name).map((each) => each.contender))
    if (names.size === 0) continue
    const rows = [...names].map((name) =>
      row(
        name,
        results.filter((each) => each.scenario === scenario.name && each.contender === name),
      ),
    )
    parts.push(`${scenario.name} (origin may send ${scenario.allowedRatio}×)`, formatTable(header, rows))
  }
  return parts.join('\n')
}

/** What is not as it must be: one line each. */
export function findFaults(results: readonly HerdResult[]): readonly string[] {
  const allowed = new Map(scenarios.map(({ name, allowedRatio }) => [name, allowedRatio]))
  return results.flatMap(({ contender, scenario, round, originRatio, wrong }) => {
    const where = `${contender}, ${scenario}, round ${round + 1}`
    const limit = allowed.get(scenario) ?? 1
    return [
      ...(wrong > 0 ? [`${where}: ${wrong} answers were wrong or missing`] : []),
      ...(originRatio > limit ? [`${where}: the origin sent ${originRatio.toFixed(3)}×, more than ${limit}×`] : []),
    ]
  })
}

const header = [
  'median of rounds',
  'origin sent',
  'requests',
  'wall s',
  'GB/s',
  '(from–to)',
  'GB/CPU-s',
  'leaders: n',
  'p50 ms',
  'p95',
  'p99',
  'followers: p50 ms',
  'p95',
  'p99',
  'wrong',
]

function row(name: string, rounds: readonly HerdResult[]): readonly string[] {
  const median = (pick: (result: HerdResult) => number): number => spreadOf(rounds.map(pick)).median
  const speed = spreadOf(rounds.map((each) => each.gbPerSecond))
  const ms = (pick: (result: HerdResult) => number): string => median(pick).toFixed(0)
  return [
    name,
    `${Math.max(...rounds.map((each) => each.originRatio)).toFixed(3)}×`,
    median((each) => each.originRequests).toFixed(0),
    (median((each) => each.wallMs) / 1000).toFixed(1),
    speed.median.toFixed(2),
    `${speed.min.toFixed(2)}–${speed.max.toFixed(2)}`,
    median((each) => each.gbPerCpuSecond).toFixed(2),
    median((each) => each.leaders.count).toFixed(0),
    ms((each) => each.leaders.p50),
    ms((each) => each.leaders.p95),
    ms((each) => each.leaders.p99),
    ms((each) => each.followers.p50),
    ms((each) => each.followers.p95),
    ms((each) => each.followers.p99),
    String(rounds.reduce((sum, each) => sum + each.wrong, 0)),
  ]
}
