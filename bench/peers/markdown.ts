import { spreadOf } from '../lib/statistics.ts'
import type { PeerResult } from './measure.ts'
import type { Metric, PeerScenario } from './scenarios.ts'
import type { Verdict } from './targets.ts'

const units: Readonly<Record<Metric, { readonly name: string; readonly digits: number }>> = {
  capacity: { name: 'requests/s, a core each', digits: 0 },
  requestsPerCpuSecond: { name: 'requests/CPU-s', digits: 0 },
  requestsPerSecond: { name: 'requests/s', digits: 0 },
  gbPerCpuSecond: { name: 'GB/CPU-s', digits: 2 },
  gbPerSecond: { name: 'GB/s', digits: 2 },
  p99Ms: { name: 'p99 ms', digits: 2 },
}

/** A Markdown table of what was asked and measured, one row per target. Pure. */
export function markdownOf(
  scenarios: readonly PeerScenario[],
  results: readonly PeerResult[],
  verdicts: readonly Verdict[],
): string {
  const rows = verdicts.map(({ scenario, title, target, ratio, limitRatio, bestPeer, met }) => {
    const ours = scenarios.find(({ id }) => id === scenario)?.ours
    const figure = (name: string | undefined): string => {
      const own = results.filter((each) => each.scenario === scenario && each.contender === name)
      const { median, min, max } = spreadOf(own.map((each) => each[target.metric]))
      const text = (value: number): string =>
        value.toLocaleString('en', { maximumFractionDigits: units[target.metric].digits })
      return `${text(median)} (${text(min)}–${text(max)})`
    }
    const asked = `${target.bound === 'at-least' ? '≥' : '≤'} ${target.factor} ×`
    const measured = met ? `**${ratio.toFixed(2)} ×**` : `${ratio.toFixed(2)} ×`
    const limit = limitRatio === undefined ? '' : `${limitRatio.toFixed(2)} ×`
    return `| ${title} | ${units[target.metric].name} | ${figure(ours)} | ${bestPeer}: ${figure(bestPeer)} | ${asked} | ${measured} | ${limit} |`
  })
  return [
    '| | figure | s3proxy, median (from–to) | the best peer | asked | measured | bare `net` |',
    '|---|---|--:|--:|--:|--:|--:|',
    ...rows,
    '',
  ].join('\n')
}
