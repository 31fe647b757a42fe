import { formatMachine, type Machine } from '../lib/machine.ts'
import { ratioChart } from '../lib/ratio-chart.ts'
import { markdownOf } from './markdown.ts'
import type { PeerResult } from './measure.ts'
import { scenarios } from './scenarios.ts'
import type { Verdict } from './targets.ts'

/** What `bench:peers` writes as JSON. */
export interface PeersReport {
  readonly kind: 'peers'
  readonly machine: Machine
  readonly versions: { readonly wrk: string; readonly nginx?: string; readonly varnish?: string }
  /** Seconds that the whole took. */
  readonly tookSeconds: number
  /** Who was not compared, or not in all rounds, and why. */
  readonly missing: readonly string[]
  readonly verdicts: readonly Verdict[]
  readonly results: readonly PeerResult[]
}

/** A table for Markdown, with what it takes to read it. Pure. */
export function reportText(report: PeersReport): string {
  const { machine, versions, tookSeconds, missing, verdicts, results } = report
  const rounds = new Set(results.map(({ round }) => round)).size
  const met = verdicts.filter((verdict) => verdict.met).length
  return [
    `${formatMachine(machine)}; ${rounds} rounds, ${Math.ceil(tookSeconds / 60)} minutes in all; nginx ${versions.nginx ?? '–'}, Varnish ${versions.varnish ?? '–'}`,
    '',
    markdownOf(scenarios, results, verdicts),
    `${met} of ${verdicts.length} targets met.${missing.map((why) => ` Not compared: ${why}.`).join('')}`,
    '',
  ].join('\n')
}

/** A picture of the ratios, as SVG. Pure. */
export function reportPicture({ verdicts }: PeersReport): string {
  const bars = verdicts.map(({ title, target, ratio, bestPeer, met }) => ({
    label: `${title}, ${target.metric === 'p99Ms' ? 'p99 (less is better)' : target.metric.replace('PerCpuSecond', '/CPU-s').replace('PerSecond', '/s')}`,
    ratio,
    target: target.factor,
    met,
    to: bestPeer,
  }))
  return ratioChart('s3proxy beside nginx and Varnish, one core each (mark: the target)', bars)
}
