import { spreadOf } from '../lib/statistics.ts'
import { formatTable } from '../lib/table.ts'
import { type LoadResult, nameOf } from './measure.ts'

/** A table for people: medians over the rounds, and the spread of what matters most. */
export function formatLoad(results: readonly LoadResult[]): string {
  const loads = [...new Set(results.map(nameOf))]
  const names = [...new Set(results.map(({ contender }) => contender))]
  return loads
    .map((load) => {
      const rows = names.map((name) =>
        row(
          name,
          results.filter((each) => nameOf(each) === load && each.contender === name),
        ),
      )
      return `${load}\n${formatTable(header, rows)}`
    })
    .join('\n')
}

const header = [
  'median of rounds',
  'requests/CPU-s',
  '(from–to)',
  'GB/CPU-s',
  'requests/s',
  '(from–to)',
  'GB/s',
  'cores',
  'p50 ms',
  'p99 ms',
  'errors',
]

function row(name: string, rounds: readonly LoadResult[]): readonly string[] {
  const spread = (pick: (result: LoadResult) => number) => spreadOf(rounds.map(pick))
  const range = (pick: (result: LoadResult) => number): string =>
    `${spread(pick).min.toFixed(0)}–${spread(pick).max.toFixed(0)}`
  return [
    name,
    spread((each) => each.requestsPerCpuSecond).median.toFixed(0),
    range((each) => each.requestsPerCpuSecond),
    spread((each) => each.gbPerCpuSecond).median.toFixed(2),
    spread((each) => each.requestsPerSecond).median.toFixed(0),
    range((each) => each.requestsPerSecond),
    spread((each) => each.gbPerSecond).median.toFixed(2),
    spread((each) => each.serverCores).median.toFixed(2),
    spread((each) => each.p50Ms).median.toFixed(2),
    spread((each) => each.p99Ms).median.toFixed(2),
    String(rounds.reduce((sum, each) => sum + each.errors, 0)),
  ]
}
