import { spreadOf } from '../lib/statistics.ts'
import { formatTable } from '../lib/table.ts'
import type { PeerResult } from './measure.ts'
import { contendersOf, type Metric, type PeerScenario } from './scenarios.ts'
import type { Verdict } from './targets.ts'

const columns: readonly { readonly title: string; readonly metric: Metric; readonly digits: number }[] = [
  { title: 'requests/CPU-s', metric: 'requestsPerCpuSecond', digits: 0 },
  { title: 'requests/s', metric: 'requestsPerSecond', digits: 0 },
  { title: 'GB/CPU-s', metric: 'gbPerCpuSecond', digits: 2 },
  { title: 'GB/s', metric: 'gbPerSecond', digits: 2 },
  { title: 'p99 ms', metric: 'p99Ms', digits: 2 },
]

/** Tables for people: each figure as median (from–to). */
export function formatPeers(scenarios: readonly PeerScenario[], results: readonly PeerResult[]): string {
  return scenarios
    .flatMap((scenario) => {
      const rows = contendersOf(scenario).flatMap((name) => {
        const own = results.filter((each) => each.scenario === scenario.id && each.contender === name)
        if (own.length === 0) return []
        const errors = own.reduce((sum, each) => sum + each.errors, 0)
        return [[name, ...columns.map((column) => formatSpread(own, column)), String(errors)]]
      })
      const header = ['median (from–to)', ...columns.map(({ title }) => title), 'errors']
      return rows.length === 0 ? [] : [`${scenario.title}\n${formatTable(header, rows)}`]
    })
    .join('\n')
}

function formatSpread(results: readonly PeerResult[], { metric, digits }: (typeof columns)[number]): string {
  const { median, min, max } = spreadOf(results.map((each) => each[metric]))
  return `${median.toFixed(digits)} (${min.toFixed(digits)}–${max.toFixed(digits)})`
}

const metricNames: Readonly<Record<Metric, string>> = {
  capacity: 'requests/s, a core each',
  requestsPerCpuSecond: 'requests per CPU-second',
  requestsPerSecond: 'requests per second',
  gbPerCpuSecond: 'GB per CPU-second',
  gbPerSecond: 'GB/s',
  p99Ms: 'p99',
}

/** The targets, and what came of them. */
export function formatVerdicts(verdicts: readonly Verdict[]): string {
  const rows = verdicts.map(({ title, target, ratio, bestPeer, met }) => [
    title,
    metricNames[target.metric],
    `${target.bound === 'at-least' ? '≥' : '≤'} ${target.factor} × ${target.peers === undefined ? 'the best peer' : target.peers.join(', ')}`,
    `${ratio.toFixed(2)} × ${bestPeer}`,
    met ? 'met' : 'NOT MET',
  ])
  return formatTable(['target', 'figure', 'asked', 'measured', ''], rows)
}
